"""English words that say little by themselves, and words cut to their stem: what two clauses are compared without."""

from __future__ import annotations

_WORDS = """
a able about above after again against ago ain't almost along already also although always am among an and another any
anybody anyone anything anyway are aren't around as aside at away back be became because been before being below
between both but by came can cannot can't come comes could couldn't did didn't do does doesn't doing don't done down
during each either else enough etc even ever every everyone everything few for from further gave get gets getting give
gives go goes going gone gonna got gotta had hadn't has hasn't have haven't having he hello her here hers herself hey hi
him himself his how however i i'd i'll i'm i've if in indeed instead into is isn't it it'd it'll it's its itself just
keep know less let let's like lol look looks lot lots made make makes many may maybe me might mine more most much must
my myself need neither never next no nobody none nor not nothing now of off often oh ok okay on once one ones only onto
or other others our ours ourselves out over own per perhaps please put quite rather re really right said same saw say
saying says see seem seems seen shall she should shouldn't since so some somebody someone something still such sure
take taken takes tell than thank thanks that that's the their theirs them themselves then there there's these they
they'd they'll they're they've thing things think this those though through thus to today together told too took try
under until up upon us very via want was wasn't way we we'd we'll we're we've well went were weren't what what's when
where whether which while who who's whole whom whose why will with within without won't would wouldn't yeah yep yes yet
you you'd you'll you're you've your yours yourself
guys folks wow hm hmm btw imo imho fyi tbh idk omg pls wtf edit update
"""
STOP_WORDS = frozenset(_WORDS.split())

_ENDINGS = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "s", "e")
_LEAST = 3


def stem(word: str) -> str:
    """Return `word`, lower case, without the endings of number and tense: `raises`, `raised`, `raising` give `rais`."""
    word = word.removesuffix("'s").removesuffix("'")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST and not word.endswith("ss"):
            cut = word.removesuffix(ending)
            if ending in ("ies", "ied"):
                return cut + "y"
            if ending in ("ing", "ed", "ings") and len(cut) > _LEAST and cut[-1] == cut[-2] and cut[-1] not in "lsz":
                return cut[:-1]
            return cut
    return word
