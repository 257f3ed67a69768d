import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@fontsource-variable/source-sans-3/wght.css';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/live.css';
import './styles/analyze.css';
import './styles/viewer.css';
import { queue } from './analyze/queue';
import { App } from './App';
import { applyLanguage } from './i18n';
import { session } from './live/session';
import { isUnsaved } from './live/state';
import { applyTheme } from './ui/theme';
import { refuseDrops } from './ui/useDrop';

applyTheme();
applyLanguage();
refuseDrops();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
void queue.restore();
// The browser asks whether the page may go, where a recording goes with it.
addEventListener('beforeunload', event => isUnsaved(session.state.get()) && event.preventDefault());
