import { type RefObject, useEffect } from 'react';

/** The report's keys: j and k go to the next and the previous utterance, p plays and pauses. */
export function useKeys(player: RefObject<HTMLMediaElement | null>, step: (by: number) => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || at.matches('input, select, textarea')) return;
      if (event.key === 'j') step(1);
      else if (event.key === 'k') step(-1);
      else if (event.key === 'p' && player.current) {
        if (player.current.paused) void player.current.play();
        else player.current.pause();
      }
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [player, step]);
}
