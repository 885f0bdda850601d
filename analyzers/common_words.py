"""Short everyday English words. A brand alias in capitals that is one of them is an acronym: SAP is not sap."""

from __future__ import annotations

_WORDS = """
a able about ace act add age ago aid aim air all alt am an and ant any ape app apt arc are arm art as ash ask at ate
aura away axe back bad bag ball ban bank bar base bat bay be beam bean bear beat bed bee bet big bill bin bit blue boa
boat body bold bolt bond book boom boss both bow box boy bus but buy by call calm can cap car card care cart case cast
cat chat chef chip city clay clip club coal coat code cold come cook cool core cost cow crop cry cube cup cut dark
data date dawn day deal dear deep deer desk dig dip do dog done door dot down drop dry duck due dull dust each ear
earn east easy eat edge egg ego else end era eve even ever eye face fact fair fall fan far farm fast fat fear fed fee
feel few file fill film find fine fire firm first fish fit five flag flat flow fly fold food foot for form fort four
fox free from fuel full fun fund gain game gap gas gate gear get gift give go goal goat gold gone good grab gray grid
grip grow gum gun gut guy had hall ham hand hang hard has hat have he head hear heat help her here hero hi hide high
hill him hip his hit hold hole home hook hop hope horn host hot hour how hub huge i ice icon idea if in inch ink inn
into iron is it item its jam jar jet job join joke joy just keen keep key kid kind king kit knee know lab lack lake
lamp land lane lap last late law lay lead leaf lean left leg lend lens less let lid lie life lift like line link lion
lip list lit live load loan lock log long look loop lord lot loud love low luck lung mad mail main make man many map
mark mask mat match may me mean meat meet men menu mid mile milk mind mine mint miss mix mode moon more most move much
mud must name nap near neat neck need nest net new next nice nine no nod none noon nor nose not note now nut oak odd
of off oil old on once one only open or oral orb our out over owl own pace pack pad page pain pair pal pan park part
pass past path pay pea peak pen pet pick pie pig pin pine pink pipe pit plan play plot plug plus pod poem pole pond
pool pop port pot pull pump pure push put quit race rack rain ram rap rat raw ray read real red rest rib rice rich
ride ring rip rise risk road rock rod role roll roof room root rope rose rot row rub rug rule run rush sad safe sail
salt same sand sap sat save say sea seal seat see seed seek self sell send set she ship shoe shop show side sign silk
sing sink sip sir sit site six size skin sky slack slim slip slow snap snow so soap soft soil sole some son song soon
sort soul soup spin spot star stay step stop such sum sun sure swim tab tag tail take talk tall tank tap tape target
task taste tax tea team tear tell ten tent term test text than that the them then they thin this tide tie tier tile
till time tin tip tire to toe told tone too tool top toss tour town toy track tray tree trim trip true try tub tune
turn twin two type unit up us use van vast verb very vest view visa void vote wage wait walk wall want war warm was
wash watch wave wax way we weak wear web week well went were west wet what when who why wide wife wild will win wind
wine wing wire wise wish with wolf wood wool word work yard year yes yet you your zero zip zone zoom
"""
COMMON_WORDS = frozenset(_WORDS.split())
