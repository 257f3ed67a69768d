import { bytes, clock, count } from '../lib/format';
import { tally } from '../lib/emotions';
import { href } from '../lib/route';
import { opened } from '../viewer/opened';
import { type Item, type ItemState, queue } from './queue';

const states: Record<ItemState, string> = {
  waiting: 'waiting',
  sending: 'being sent',
  queued: 'in the server’s queue',
  running: 'being analysed',
  done: 'done',
  failed: 'failed',
  canceled: 'canceled',
};

export function QueueList({ items }: { items: Item[] }) {
  if (items.length === 0) return null;
  const finished = items.filter(one => one.state === 'done' || one.state === 'failed' || one.state === 'canceled');
  return (
    <section aria-labelledby="queue">
      <div className="headline">
        <h2 id="queue">Queue</h2>
        <p className="note" role="status">
          {finished.length} of {count(items.length, 'recording')} finished
        </p>
      </div>
      <ul className="queue">
        {items.map(one => (
          <Row key={one.key} item={one} />
        ))}
      </ul>
    </section>
  );
}

function Row({ item }: { item: Item }) {
  const over = item.state === 'done' || item.state === 'failed' || item.state === 'canceled';
  const name = item.name;
  return (
    <li className={item.state}>
      <div className="file">
        <b>{name}</b>
        <span className="note">
          {bytes(item.size)}
          {item.transcriptName && ` · with ${item.transcriptName}`}
        </span>
      </div>
      <div className="progress">
        <span className="state">{states[item.state]}</span>
        {over ? <Outcome item={item} /> : <Progress item={item} />}
      </div>
      <div className="buttons">
        {item.state === 'done' && item.job?.result && (
          <a
            className="button main"
            href={href('viewer', item.job.id)}
            onClick={() => opened.set({ result: item.job!.result!, media: item.media, id: item.job!.id })}>
            Open<span className="hidden"> {name}</span>
          </a>
        )}
        {!over && (
          <button type="button" onClick={() => queue.cancel(item.key)}>
            Cancel<span className="hidden"> {name}</span>
          </button>
        )}
        {(item.state === 'failed' || item.state === 'canceled') && item.media && (
          <button type="button" onClick={() => queue.retry(item.key)}>
            Try again<span className="hidden"> with {name}</span>
          </button>
        )}
        {over && (
          <button type="button" onClick={() => queue.remove(item.key)}>
            Remove<span className="hidden"> {name}</span>
          </button>
        )}
      </div>
      {item.note && (
        <p
          className={item.state === 'failed' ? 'problem' : 'note'}
          role={item.state === 'failed' ? 'alert' : undefined}>
          {item.note}
        </p>
      )}
    </li>
  );
}

function Progress({ item }: { item: Item }) {
  const label = `${item.name}: ${states[item.state]}`;
  if (item.state === 'sending') return <progress aria-label={label} value={item.sent} />;
  if (item.state !== 'running' || !item.job) return <progress aria-label={label} value={0} />;
  const { done_ms, duration_ms, utterances } = item.job.progress;
  return (
    <>
      <progress aria-label={label} value={duration_ms ? Math.min(1, done_ms / duration_ms) : undefined} />
      <span className="note">
        {clock(done_ms)}
        {duration_ms ? ` of ${clock(duration_ms)}` : ''} · {count(utterances, 'utterance')}
      </span>
    </>
  );
}

function Outcome({ item }: { item: Item }) {
  const result = item.job?.result;
  return result ? (
    <span className="note">
      {clock(result.input.duration_ms)} · {tally(result.utterances)}
    </span>
  ) : null;
}
