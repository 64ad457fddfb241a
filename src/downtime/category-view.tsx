/** @jsxImportSource @kitajs/html */
/** Categories as marks: each has a shape and a colour. */

import { type Category, categories } from "./category.ts";

export const categoryShapes: Readonly<Record<Category, string>> = {
  maintenance: "■",
  engineering: "▲",
  weather: "●",
  education: "◆",
  fault: "✖",
  closure: "▼",
};

/** The mark of a category, with its name as text or, without `isNamed`, for screen readers alone. */
export function CategoryMark({ category, isNamed }: { category: Category; isNamed?: boolean }): JSX.Element {
  return (
    <>
      <span class={`category ${category}`} aria-hidden="true" safe>
        {categoryShapes[category]}
      </span>
      <small class={isNamed ? "muted" : "hidden"} safe>{` ${category} `}</small>
    </>
  );
}

export function CategoryLegend(): JSX.Element {
  return (
    <p class="categories" aria-hidden="true">
      {categories.map((category) => (
        <span>
          <CategoryMark category={category} isNamed />
        </span>
      ))}
    </p>
  );
}
