import { getBundles, getLimits } from '../api/client';
import type { Bundle, Limits } from '../api/types';
import { fixed, rich, t } from '../i18n';
import { modalityName } from '../lib/emotions';
import { bytes, count, duration } from '../lib/format';
import { Markdown } from '../lib/markdown';
import { KeyField } from '../ui/KeyField';
import { Wrong } from '../ui/Notice';
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
      <h1>{t('view.about')}</h1>
      {error && <Wrong trouble={error} onAgain={again} />}
      <div className="about">
        <div className="cards">
          <section aria-labelledby="reads">
            <h2 id="reads">{t('about.reads')}</h2>
            <p>{t('about.reads1')}</p>
            <p>{t('about.reads2')}</p>
          </section>
          {limits.value && <ServerFacts limits={limits.value} onKey={again} />}
          <section aria-labelledby="licenses">
            <h2 id="licenses">{t('about.licenses')}</h2>
            <p>
              {rich('about.licenses1', {
                notices: <a href="./notices.txt">{t('about.notices')}</a>,
                docs: <a href="./docs">{t('about.docs')}</a>,
              })}
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
    [t('about.largestFile'), bytes(limits.max_upload_bytes)],
    [t('about.longest'), duration(limits.max_duration_ms)],
    [t('about.largestPicture'), t('about.megapixels', { n: fixed(limits.max_pixels / 1e6, 1) })],
    [t('about.sessions'), String(limits.max_live_sessions)],
    [t('about.queue'), String(limits.max_queue)],
    [t('about.kept'), duration(limits.keep_ms)],
  ];
  return (
    <section aria-labelledby="server">
      <h2 id="server">{t('about.server')}</h2>
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
    <article className="card" aria-label={t('about.bundle', { name: bundle.name })}>
      <p className="note">
        {t('about.reads3', {
          name: `${bundle.name} ${bundle.version}`,
          modalities: bundle.modalities.map(modalityName).join(', '),
          emotions: count(bundle.labels.length, 'emotion'),
        })}{' '}
        SHA-256 <code className="hash">{bundle.hash}</code>
      </p>
      {bundle.card === null ? (
        <p>{t('about.noCard')}</p>
      ) : (
        <div lang="en" dir="ltr">
          <Markdown text={bundle.card} level={2} />
        </div>
      )}
    </article>
  );
}
