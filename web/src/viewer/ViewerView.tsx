import { useEffect, useState } from 'react';
import { getJob } from '../api/client';
import { messageOf, sentence } from '../api/problem';
import { readRecognition } from '../lib/readRecognition';
import { useStore } from '../lib/store';
import { Notice } from '../ui/Notice';
import { opened } from './opened';
import { OpenFiles } from './OpenFiles';
import { Reader } from './Reader';

export function ViewerView({ id }: { id: string | null }) {
  const open = useStore(opened);
  const [error, setError] = useState<string | null>(null);
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
            job.error ? sentence(job.error) : `This recording is ${job.state}; it can be opened when it is done.`,
          );
      },
      (problem: unknown) => here && setError(messageOf(problem)),
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
        if (id !== null) location.hash = '#/viewer';
      } else if (media && open) opened.set({ ...open, media });
      else if (media)
        setError('A recording alone has nothing to show yet: analyze it, or open its result (JSON) with it.');
    } catch (problem) {
      setError(`${json!.name}: ${messageOf(problem)}`);
    }
  };

  const current = wanted ? null : open;
  return (
    <>
      {error && (
        <Notice kind="error" onClose={() => setError(null)}>
          {error}
        </Notice>
      )}
      {current ? (
        <Reader key={current.id ?? current.result.input.file} open={current} onFiles={files => void take(files)} />
      ) : wanted && !error ? (
        <p role="status">Loading</p>
      ) : (
        <OpenFiles onFiles={files => void take(files)} />
      )}
    </>
  );
}
