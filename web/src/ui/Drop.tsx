import { type ReactNode, useState } from 'react';
import { t } from '../i18n';
import { filesOf } from '../lib/dropped';
import { FileButton } from './FileButton';
import { Notice } from './Notice';

interface Props {
  accept: string;
  onFiles: (files: File[]) => void;
  children: ReactNode;
}

/** A place to drop files and folders on, with the button that does the same for files. */
export function Drop({ accept, onFiles, children }: Props) {
  const [over, setOver] = useState(false);
  const [empty, setEmpty] = useState(false);
  const drop = async (transfer: DataTransfer) => {
    const files = await filesOf(transfer);
    setEmpty(files.length === 0);
    if (files.length > 0) onFiles(files);
  };
  return (
    <div
      className={`drop${over ? ' over' : ''}`}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault();
        setOver(false);
        void drop(event.dataTransfer);
      }}>
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
