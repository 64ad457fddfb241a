/** @jsxImportSource @kitajs/html */
/** Belonging: what a downtime's page says of the series that it is one of. */

/** What a downtime's page says of the series that it belongs to. */
export interface SeriesLink {
  readonly id: number;
  /** The plan in one line. */
  readonly words: string;
  /** The local date that it has in the series, where whoever looks may change what follows. */
  readonly date?: string | undefined;
  readonly byHand: boolean;
}

export function SeriesLinkView({ id, words, date, byHand }: SeriesLink): JSX.Element {
  return (
    <>
      <a href={`/series/${id}`} safe>
        {words}
      </a>
      {byHand ? <span class="muted"> · changed by hand, so the series leaves it as it is</span> : null}
      {date ? (
        <>
          <br />
          <a href={`/admin/series/${id}/change?from=${date}`}>Change this and the following</a>
          {" · "}
          <a href={`/admin/series/${id}/end?from=${date}`}>End it from here on</a>
        </>
      ) : null}
    </>
  );
}
