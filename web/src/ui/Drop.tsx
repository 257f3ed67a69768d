import { type ReactNode, useState } from 'react';
import { t } from '../i18n';
import { FileButton } from './FileButton';
import { Notice } from './Notice';
import { useDrop } from './useDrop';

interface Props {
  accept: string;
  onFiles: (files: File[]) => void;
  children: ReactNode;
}

/** Says that files and folders may be dropped, with the button that does the same for files. */
export function Drop({ accept, onFiles, children }: Props) {
  const [empty, setEmpty] = useState(false);
  const over = useDrop(files => {
    setEmpty(files.length === 0);
    if (files.length > 0) onFiles(files);
  });
  return (
    <div className={`drop${over ? ' over' : ''}`}>
      {children}
      <FileButton className="main" accept={accept} multiple onFiles={onFiles}>
        {t('analyze.choose')}
      </FileButton>
      {empty && (
        <Notice kind="note" onClose={() => setEmpty(false)}>
          {t('drop.empty')}
        </Notice>
      )}
    </div>
  );
}
