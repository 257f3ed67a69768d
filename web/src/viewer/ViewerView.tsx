import { useEffect, useState } from 'react';
import { getJob } from '../api/client';
import { messageOf, type Trouble, troubleIn, troubleOf } from '../api/problem';
import { t } from '../i18n';
import { readRecognition } from '../lib/readRecognition';
import { useStore } from '../lib/store';
import { Wrong } from '../ui/Notice';
import { opened } from './opened';
import { OpenFiles } from './OpenFiles';
import { Reader } from './Reader';

export function ViewerView({ id }: { id: string | null }) {
  const open = useStore(opened);
  const [error, setError] = useState<Trouble | null>(null);
  const [turn, setTurn] = useState(0);
  const wanted = id !== null && open?.id !== id;

  useEffect(() => {
    if (id === null || opened.get()?.id === id) return;
    let here = true;
    setError(null);
    getJob(id).then(
      job => {
        if (!here) return;
        if (job.result) opened.set({ result: job.result, media: null, id });
        else
          setError(
            job.error
              ? troubleIn(job.error)
              : { text: t('viewer.notDone', { state: t(`queue.${job.state}`) }), detail: null },
          );
      },
      (problem: unknown) => here && setError(troubleOf(problem)),
    );
    return () => {
      here = false;
    };
  }, [id]);

  /** A result and its recording may come together, or the recording alone for the result that is open. */
  const take = async (files: File[]) => {
    setError(null);
    const json = files.find(one => /\.json$/i.test(one.name) || one.type === 'application/json');
    const media = files.find(one => one !== json) ?? null;
    try {
      if (json) {
        opened.set({ result: readRecognition(await json.text()), media, id: null });
        // What was chosen and filtered in the last one has no meaning in this one, even of the same name.
        setTurn(one => one + 1);
        if (id !== null) location.hash = '#/viewer';
      } else if (media && open) opened.set({ ...open, media });
      else if (media) setError({ text: t('viewer.mediaAlone'), detail: null });
    } catch (problem) {
      setError({ text: t('viewer.badResult', { name: json!.name }), detail: messageOf(problem) });
    }
  };

  const current = wanted ? null : open;
  return (
    <>
      {error && <Wrong trouble={error} onClose={() => setError(null)} />}
      {current ? (
        <Reader key={`${turn} ${current.id ?? ''}`} open={current} onFiles={files => void take(files)} />
      ) : wanted && !error ? (
        <p role="status">{t('app.loading')}</p>
      ) : (
        <OpenFiles onFiles={files => void take(files)} />
      )}
    </>
  );
}
