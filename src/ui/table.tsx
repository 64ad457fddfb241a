/** @jsxImportSource @kitajs/html */
/** Tables of rows, and links to their previous and next pages. */

import type { Children } from "@kitajs/html";
import { href, plain, withParameters } from "./link.ts";

/** A column: its label, and each row's cell as text or as elements. */
export interface Column<Row> {
  readonly label: string;
  readonly class?: string;
  readonly text?: (row: Row) => string;
  readonly cell?: (row: Row) => JSX.Element;
}

interface TableProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly class?: string;
  readonly rowClass?: (row: Row) => string;
  /** The column that is the heading of its row; by default, the first. */
  readonly heading?: number;
}

export function Table<Row>({ columns, rows, rowClass, heading = 0, ...props }: TableProps<Row>): JSX.Element {
  return (
    <table class={props.class ?? "rows"}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th scope="col" class={column.class} safe>
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr class={rowClass?.(row)}>
            {columns.map((column, index) => (
              <Cell column={column} row={row} isHeading={index === heading} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<Row>({ column, row, isHeading }: { column: Column<Row>; row: Row; isHeading: boolean }): JSX.Element {
  const text = column.text?.(row) ?? "";
  const content = column.cell?.(row) ?? (text === "" ? "" : <span safe>{text}</span>);
  return isHeading ? (
    <th scope="row" class={column.class}>
      {content}
    </th>
  ) : (
    <td class={column.class} data-label={content === "" ? undefined : plain(column.label)}>
      {content}
    </td>
  );
}

export interface PagesProps {
  readonly offset: number;
  readonly pageSize: number;
  readonly shown: number;
  readonly count: number;
  /** The address of the pages, but for their `offset`. */
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly hash?: string;
  readonly children?: Children;
}

/** `25 of 212`, Previous, Next. */
export function Pages({ offset, pageSize, shown, count, path, query, hash = "", children }: PagesProps): JSX.Element {
  const at = (start: number) =>
    href(path, withParameters(query, { offset: start > 0 ? String(start) : undefined })) + hash;
  return (
    <p class="actions pages">
      {count > 0 ? <span safe>{`${shown.toLocaleString("en")} of ${count.toLocaleString("en")}`}</span> : null}
      {offset > 0 ? (
        <a class="button" rel="prev" id="page-previous" href={at(offset - pageSize)}>
          Previous
        </a>
      ) : null}
      {offset + shown < count ? (
        <a class="button" rel="next" id="page-next" href={at(offset + pageSize)}>
          Next
        </a>
      ) : null}
      {children}
    </p>
  );
}
