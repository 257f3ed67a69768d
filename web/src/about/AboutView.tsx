import { getBundles, getLimits } from '../api/client';
import type { Bundle, Limits } from '../api/types';
import { modalityName } from '../lib/emotions';
import { bytes, count, duration } from '../lib/format';
import { Markdown } from '../lib/markdown';
import { KeyField } from '../ui/KeyField';
import { Notice } from '../ui/Notice';
import { useAsync } from '../ui/useAsync';

export function AboutView() {
  const bundles = useAsync(getBundles);
  const limits = useAsync(getLimits);
  const error = limits.error ?? bundles.error;
  const again = () => {
    limits.again();
    bundles.again();
  };
  return (
    <>
      <h1>About</h1>
      {error && (
        <Notice kind="error">
          {error}{' '}
          <button type="button" className="quiet" onClick={again}>
            Try again
          </button>
        </Notice>
      )}
      <div className="about">
        <div className="cards">
          <section aria-labelledby="reads">
            <h2 id="reads">How to read an answer</h2>
            <p>
              An emotion here is an expressed one: what annotators would say that a voice, words and a face show. It is
              never a statement about what a person feels. An answer below the bundle's threshold counts as withheld and
              is marked “not sure”. The card beside says how often answers are right, and on which recordings that was
              measured.
            </p>
            <p>
              In the European Union, inferring emotions of people at work and in education is forbidden (AI Act, Article
              5(1)(f)), except for medical or safety reasons. Recordings of people are personal data: ask before you
              analyze them.
            </p>
          </section>
          {limits.value && <ServerFacts limits={limits.value} onKey={again} />}
          <section aria-labelledby="licences">
            <h2 id="licences">Licences</h2>
            <p>
              Affekt is MIT. A bundle's own licence is in its card. This page contains React (MIT), uPlot (MIT) and
              Source Sans 3 (OFL 1.1): <a href="./notices.txt">their notices</a>. The server's interface is open, too:{' '}
              <a href="./docs">its description</a>.
            </p>
          </section>
        </div>
        <div className="cards">
          {bundles.value?.map(one => (
            <Card key={one.hash} bundle={one} />
          ))}
        </div>
      </div>
    </>
  );
}

function ServerFacts({ limits, onKey }: { limits: Limits; onKey: () => void }) {
  const rows: [string, string][] = [
    ['Affekt', limits.version],
    ['largest file', bytes(limits.max_upload_bytes)],
    ['longest recording', duration(limits.max_duration_ms)],
    ['largest picture', `${(limits.max_pixels / 1e6).toFixed(1)} megapixels`],
    ['live sessions at once', String(limits.max_live_sessions)],
    ['recordings in the queue', String(limits.max_queue)],
    ['kept after the end', duration(limits.keep_ms)],
  ];
  return (
    <section aria-labelledby="server">
      <h2 id="server">Version and limits</h2>
      <table className="limits">
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {limits.api_key_required && <KeyField onKey={onKey} />}
    </section>
  );
}

function Card({ bundle }: { bundle: Bundle }) {
  return (
    <article className="card" aria-label={`Bundle ${bundle.name}`}>
      <p className="note">
        Bundle{' '}
        <b>
          {bundle.name} {bundle.version}
        </b>
        , reads {bundle.modalities.map(one => modalityName[one]).join(', ')}; {count(bundle.labels.length, 'emotion')}.
        SHA-256 <code className="hash">{bundle.hash}</code>
      </p>
      <Markdown text={bundle.card ?? 'This bundle has no card.'} level={2} />
    </article>
  );
}
