import { href } from '../lib/route';
import { Drop } from '../ui/Drop';

export const accepted = '.json,application/json,audio/*,video/*,.mkv';

export function OpenFiles({ onFiles }: { onFiles: (files: File[]) => void }) {
  return (
    <>
      <h1>Viewer</h1>
      <Drop accept={accepted} onFiles={onFiles}>
        <p>
          <b>Drop a result here</b> (JSON, from <code>affekt recognize --format json</code> or this page), with its
          recording if you have it, or <a href={href('analyze')}>analyze a recording</a>. Files opened here stay in this
          browser.
        </p>
      </Drop>
    </>
  );
}
