import { useEffect, useRef } from 'react';
import { AboutView } from './about/AboutView';
import { AnalyzeView } from './analyze/AnalyzeView';
import { queue } from './analyze/queue';
import { language, t } from './i18n';
import { useStore } from './lib/store';
import { useRoute } from './lib/route';
import { LiveView } from './live/LiveView';
import { KeyGate } from './ui/KeyGate';
import { Foot } from './ui/Foot';
import { Masthead } from './ui/Masthead';
import { ViewerView } from './viewer/ViewerView';

export function App() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const items = useStore(queue.items);
  const waiting = items.filter(
    one => one.state === 'waiting' || one.state === 'sending' || one.state === 'queued' || one.state === 'running',
  ).length;
  // Every text is looked up while it is drawn: what is drawn anew from here on is in the language that was chosen.
  const spoken = useStore(language);
  useEffect(() => {
    document.title = `${t(`view.${route.view}`)} · Affekt`;
  }, [route.view, spoken]);
  useEffect(() => {
    // A change of view moves a reader to its start, as a new page would.
    if (!first.current) {
      main.current?.focus();
      scrollTo(0, 0);
    }
    first.current = false;
  }, [route.view]);
  return (
    <>
      <Masthead
        view={route.view}
        busy={waiting > 0 ? { analyze: String(waiting) } : {}}
        onSkip={() => main.current?.focus()}
      />
      <main ref={main} tabIndex={-1}>
        {route.view !== 'about' && <KeyGate />}
        {route.view === 'live' && <LiveView />}
        {route.view === 'analyze' && <AnalyzeView />}
        {route.view === 'viewer' && <ViewerView id={route.id} />}
        {route.view === 'about' && <AboutView />}
      </main>
      <Foot />
    </>
  );
}
