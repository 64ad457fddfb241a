/** @jsxImportSource @kitajs/html */
/** A row of links that select a part or a view of the page. */

interface Chip {
  readonly id: string;
  /** Escaped for an attribute. */
  readonly href: string;
  readonly name: string;
  readonly isCurrent?: boolean;
}

/** @param chips undefined ones are left out */
export function Chips({ label, chips }: { label: string; chips: readonly (Chip | undefined)[] }): JSX.Element {
  return (
    <nav class="chips" aria-label={label} hx-boost:inherited="true">
      {chips
        .filter((chip) => chip !== undefined)
        .map(({ id, href, name, isCurrent }) => (
          <a id={id} href={href} aria-current={isCurrent ? "true" : false} safe>
            {name}
          </a>
        ))}
    </nav>
  );
}
