/** What went less than well. */
export function Notes({ notes }: { notes: string[] }) {
  return (
    <div role="status">
      {notes.length > 0 && (
        <ul className="reasons">
          {notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
