import { useEffect, useState } from 'react';

export const views = ['live', 'analyze', 'viewer', 'about'] as const;
export type View = (typeof views)[number];

export interface Route {
  view: View;
  /** A job's id behind the viewer's name. */
  id: string | null;
}

export function parseRoute(hash: string): Route {
  const [name, id] = hash.replace(/^#\/?/, '').split('/');
  const view = views.find(one => one === name) ?? 'live';
  return { view, id: view === 'viewer' && id ? decoded(id) : null };
}

// An address that somebody has typed may be no valid one.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function href(view: View, id?: string): string {
  return id === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(id)}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const change = () => setRoute(parseRoute(location.hash));
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return route;
}
