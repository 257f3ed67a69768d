import type { ReactNode } from 'react';

/** Something to know or to mend; what failed is said at once, the rest when there is time. */
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
        <button type="button" className="quiet" onClick={onClose}>
          Close<span className="hidden"> this message</span>
        </button>
      )}
    </div>
  );
}
