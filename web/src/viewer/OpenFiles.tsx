import { rich, t } from '../i18n';
import { href } from '../lib/route';
import { Drop } from '../ui/Drop';

export const accepted = '.json,application/json,audio/*,video/*,.mkv';

export function OpenFiles({ onFiles }: { onFiles: (files: File[]) => void }) {
  return (
    <>
      <h1>{t('view.viewer')}</h1>
      <Drop accept={accepted} onFiles={onFiles}>
        <p>
          <b>{t('viewer.drop')}</b>
          {rich('viewer.dropRest', {
            command: <code>affekt recognize --format json</code>,
            analyze: <a href={href('analyze')}>{t('viewer.analyze')}</a>,
          })}
        </p>
      </Drop>
    </>
  );
}
