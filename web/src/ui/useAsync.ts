import { useCallback, useEffect, useState } from 'react';
import { type Trouble, troubleOf } from '../api/problem';

export interface Loading<T> {
  value: T | null;
  error: Trouble | null;
  again: () => void;
}

/** What a promise brings, asked for when the component appears. */
export function useAsync<T>(load: () => Promise<T>): Loading<T> {
  const [state, setState] = useState<{ value: T | null; error: Trouble | null }>({ value: null, error: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    load().then(
      value => wanted && setState({ value, error: null }),
      (error: unknown) => wanted && setState({ value: null, error: troubleOf(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [load, turn]);
  return { ...state, again: useCallback(() => setTurn(one => one + 1), []) };
}
