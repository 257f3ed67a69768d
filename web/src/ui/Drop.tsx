import { type ReactNode, useState } from 'react';
import { t } from '../i18n';
import { FileButton } from './FileButton';

interface Props {
  accept: string;
  onFiles: (files: File[]) => void;
  children: ReactNode;
}

/** A place to drop files on, with the button that does the same. */
export function Drop({ accept, onFiles, children }: Props) {
  const [over, setOver] = useState(false);
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
        onFiles([...event.dataTransfer.files]);
      }}>
      {children}
      <FileButton className="main" accept={accept} multiple onFiles={onFiles}>
        {t('analyze.choose')}
      </FileButton>
    </div>
  );
}
