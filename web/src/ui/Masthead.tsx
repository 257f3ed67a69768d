import { t } from '../i18n';
import { href, type View, views } from '../lib/route';
import { useStore } from '../lib/store';
import { setTheme, theme, themes } from './theme';

interface Props {
  view: View;
  /** A word or number behind a view's name, while something goes on there. */
  busy: Partial<Record<View, string>>;
  onSkip: () => void;
}

export function Masthead({ view, busy, onSkip }: Props) {
  const chosen = useStore(theme);
  const next = themes[(themes.indexOf(chosen) + 1) % themes.length]!;
  const now = t(`theme.${chosen}`);
  return (
    <header className="masthead">
      <a
        className="skip"
        href={href(view)}
        onClick={event => {
          event.preventDefault();
          onSkip();
        }}>
        {t('app.skip')}
      </a>
      <a className="mark" href={href('live')}>
        Affekt
      </a>
      <nav aria-label={t('app.views')}>
        <ul>
          {views.map(one => (
            <li key={one}>
              <a href={href(one)} aria-current={one === view ? 'page' : undefined}>
                {t(`view.${one}`)}
                {busy[one] && <span className="busy">{busy[one]}</span>}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <button
        type="button"
        className="quiet theme"
        onClick={() => setTheme(next)}
        aria-label={t('theme.label', { now, next: t(`theme.${next}`) })}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="6.25" />
          <path d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" />
        </svg>
        <span className="word">{now}</span>
      </button>
    </header>
  );
}
