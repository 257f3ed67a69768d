import { t } from '../i18n';
import { toCsv } from '../lib/csv';
import { bytes, clock, count } from '../lib/format';
import { tally } from '../lib/emotions';
import { href } from '../lib/route';
import { save } from '../lib/save';
import { opened } from '../viewer/opened';
import { isOver, type Item, queue } from './queue';

export function QueueList({ items }: { items: Item[] }) {
  if (items.length === 0) return null;
  const finished = items.filter(isOver).length;
  const failed = items.filter(one => one.state === 'failed').length;
  const again = items.filter(one => one.state === 'failed' && one.media).length;
  return (
    <section aria-labelledby="queue">
      <div className="headline">
        <h2 id="queue">{t('queue.title')}</h2>
        <p className="note">
          {t('queue.finished', { done: finished, recordings: count(items.length, 'recording') })}
          {failed > 0 && `, ${t('queue.failedOf', { n: failed })}`}
        </p>
        <Announcer items={items} />
        {items.length > 1 && (
          <div className="buttons">
            {finished < items.length && (
              <button type="button" onClick={() => queue.cancelAll()}>
                {t('queue.cancelAll')}
              </button>
            )}
            {again > 1 && (
              <button type="button" onClick={() => queue.retryFailed()}>
                {t('queue.retryFailed')}
              </button>
            )}
            {finished > 0 && (
              <button type="button" onClick={() => queue.removeFinished()}>
                {t('queue.removeFinished')}
              </button>
            )}
          </div>
        )}
      </div>
      <ul className="queue">
        {items.map(one => (
          <Row key={one.key} item={one} />
        ))}
      </ul>
      <SaveAll items={items} />
    </section>
  );
}

/** Tells a screen reader why one failed, once for hundreds that do for the same reason, and the end of them all. */
function Announcer({ items }: { items: Item[] }) {
  const failed = items.filter(one => one.state === 'failed');
  return (
    <div className="hidden" role="status">
      <p>{failed.at(-1)?.note?.text}</p>
      <p>{items.every(isOver) && t('queue.allOver')}</p>
    </div>
  );
}

function SaveAll({ items }: { items: Item[] }) {
  if (!items.some(one => one.state === 'done' && one.job?.result)) return null;
  return (
    <div className="buttons all" role="group" aria-label={t('queue.all')}>
      <button
        type="button"
        onClick={() => save('results.json', 'application/json', `${JSON.stringify(queue.results(), null, 2)}\n`)}>
        {t('queue.saveJson')}
      </button>
      <button type="button" onClick={() => save('results.csv', 'text/csv', toCsv(...queue.results()))}>
        {t('queue.saveCsv')}
      </button>
    </div>
  );
}

function Row({ item }: { item: Item }) {
  const over = isOver(item);
  const name = item.name;
  return (
    <li className={item.state}>
      <div className="file">
        <b dir="auto">{name}</b>
        <span className="note">
          {bytes(item.size)}
          {item.transcriptName && ` · ${t('queue.with', { name: item.transcriptName })}`}
        </span>
      </div>
      <div className="progress">
        <span className="state">{t(`queue.${item.state}`)}</span>
        {over ? <Outcome item={item} /> : <Progress item={item} />}
      </div>
      <div className="buttons">
        {item.state === 'done' && item.job?.result && (
          <a
            className="button main"
            href={href('viewer', item.job.id)}
            onClick={() => opened.set({ result: item.job!.result!, media: item.media, id: item.job!.id })}>
            {t('queue.open')}
            <span className="hidden"> {name}</span>
          </a>
        )}
        {!over && (
          <button type="button" onClick={() => queue.cancel(item.key)}>
            {t('queue.cancel')}
            <span className="hidden"> {name}</span>
          </button>
        )}
        {(item.state === 'failed' || item.state === 'canceled') && item.media && (
          <button type="button" aria-label={t('queue.retryWith', { name })} onClick={() => queue.retry(item.key)}>
            {t('queue.retry')}
          </button>
        )}
        {over && (
          <button type="button" onClick={() => queue.remove(item.key)}>
            {t('queue.remove')}
            <span className="hidden"> {name}</span>
          </button>
        )}
      </div>
      {item.note && (
        <div className={item.state === 'failed' ? 'problem' : 'note'}>
          {item.note.text}
          {item.note.detail && (
            <details className="technical">
              <summary>{t('app.technical')}</summary>
              <code>{item.note.detail}</code>
            </details>
          )}
        </div>
      )}
    </li>
  );
}

function Progress({ item }: { item: Item }) {
  const label = `${item.name}: ${t(`queue.${item.state}`)}`;
  if (item.state === 'sending') return <progress aria-label={label} value={item.sent} />;
  if (item.state !== 'running' || !item.job) return <progress aria-label={label} value={0} />;
  const { done_ms, duration_ms, utterances } = item.job.progress;
  return (
    <>
      <progress aria-label={label} value={duration_ms ? Math.min(1, done_ms / duration_ms) : undefined} />
      <span className="note">
        {duration_ms ? t('queue.of', { now: clock(done_ms), all: clock(duration_ms) }) : clock(done_ms)} ·{' '}
        {count(utterances, 'utterance')}
      </span>
    </>
  );
}

function Outcome({ item }: { item: Item }) {
  const result = item.job?.result;
  return result ? (
    <span className="note">
      {result.input.duration_ms >= 100 && `${clock(result.input.duration_ms)} · `}
      {tally(result.utterances)}
    </span>
  ) : null;
}
