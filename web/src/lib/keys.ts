import { useEffect, useRef } from 'react';
import { Store } from './store';

const name = 'affekt.keys';

/** Whether single keys do anything: who speaks to the machine, or uses a switch, may want them not to. */
export const keysOn = new Store(typeof localStorage === 'undefined' || localStorage.getItem(name) !== 'off');

export function setKeysOn(on: boolean): void {
  localStorage.setItem(name, on ? 'on' : 'off');
  keysOn.set(on);
}

/** Does what goes with a single key, wherever the focus is but in a field, while the component is there. */
export function useKeys(actions: Record<string, () => void>): void {
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        event.repeat ||
        at.matches('input, select, textarea, dialog *')
      )
        return;
      const action = keysOn.get() ? current.current[event.key] : undefined;
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}
