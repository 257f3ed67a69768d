import type { ReactNode } from 'react';
import type { Trouble } from '../api/problem';
import { t } from '../i18n';

/** Something to know or to fix; what failed is said at once, the rest when there is time. */
export function Notice({
  kind,
  children,
  onClose,
}: {
  kind: 'error' | 'note';
  children: ReactNode;
  onClose?: () => void;
}) {
  return (
    <div className={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      <div>{children}</div>
      {onClose && (
        <button type="button" className="quiet" onClick={onClose} aria-label={t('app.closeMessage')}>
          {t('app.close')}
        </button>
      )}
    </div>
  );
}

/** What went wrong and what to do; what the server said of it is a click away. */
export function Wrong({ trouble, onAgain, onClose }: { trouble: Trouble; onAgain?: () => void; onClose?: () => void }) {
  return (
    <Notice kind="error" onClose={onClose}>
      {trouble.text}{' '}
      {onAgain && (
        <button type="button" className="quiet" onClick={onAgain}>
          {t('app.again')}
        </button>
      )}
      {trouble.detail && (
        <details className="technical">
          <summary>{t('app.technical')}</summary>
          <code>{trouble.detail}</code>
        </details>
      )}
    </Notice>
  );
}
