import type { Recognition } from '../api/types';
import { t } from '../i18n';
import { toCsv, toPersonsCsv } from '../lib/csv';
import { toHtml } from '../lib/exportHtml';
import { baseName, save } from '../lib/save';
import { FileButton } from '../ui/FileButton';
import { accepted } from './OpenFiles';

export function Exports({ result, onFiles }: { result: Recognition; onFiles: (files: File[]) => void }) {
  const name = baseName(result.input.file) || 'result';
  return (
    <div className="buttons" role="group" aria-label={t('viewer.save')}>
      <button
        type="button"
        onClick={() => save(`${name}.json`, 'application/json', `${JSON.stringify(result, null, 2)}\n`)}>
        JSON
      </button>
      <button type="button" onClick={() => save(`${name}.csv`, 'text/csv', toCsv(result))}>
        CSV
      </button>
      {result.persons && result.persons.length > 0 && (
        <button type="button" onClick={() => save(`${name}-people.csv`, 'text/csv', toPersonsCsv(result))}>
          {t('viewer.saveSummary')}
        </button>
      )}
      <button type="button" onClick={() => save(`${name}.html`, 'text/html', toHtml(result))}>
        HTML
      </button>
      <FileButton className="quiet" accept={accepted} multiple onFiles={onFiles}>
        {t('viewer.another')}
      </FileButton>
    </div>
  );
}
