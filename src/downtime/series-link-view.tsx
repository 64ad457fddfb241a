/** @jsxImportSource @kitajs/html */
/** The link from a downtime to its series. */

/** What a downtime's page shows of its series. */
export interface SeriesLink {
  readonly id: number;
  /** The series in one line. */
  readonly description: string;
  /** The local date of this occurrence; undefined unless the visitor may edit the following ones. */
  readonly date?: string | undefined;
  readonly isEdited: boolean;
}

export function SeriesLinkView({ id, description: words, date, isEdited: byHand }: SeriesLink): JSX.Element {
  return (
    <>
      <a href={`/series/${id}`} safe>
        {words}
      </a>
      {byHand ? <span class="muted"> · edited individually. Series changes don't affect it.</span> : null}
      {date ? (
        <>
          <br />
          <a href={`/admin/series/${id}/change?from=${date}`}>Edit this and following</a>
          {" · "}
          <a href={`/admin/series/${id}/end?from=${date}`}>End series here</a>
        </>
      ) : null}
    </>
  );
}
