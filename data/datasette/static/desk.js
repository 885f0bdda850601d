// Folds the column descriptions above a table: they are long, and the rows are what one came for.
document.addEventListener("DOMContentLoaded", () => {
  const list = document.querySelector("dl.column-descriptions");
  if (!list) return;
  const fold = document.createElement("details");
  fold.className = "columns";
  const summary = document.createElement("summary");
  summary.textContent = "What the columns mean";
  list.replaceWith(fold);
  fold.append(summary, list);
});
