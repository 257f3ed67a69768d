import type { Modality } from '../api/types';

const paths: Record<Modality, string> = {
  audio: 'M2 8h1.6M5.2 5v6M8 2.5v11M10.8 5v6M12.6 8H14',
  text: 'M2 3h12v8H7l-3 2.6V11H2zM5 6h6M5 8.3h4',
  video: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M5.8 6.6v.6M10.2 6.6v.6M5.4 9.6c1.4 1.6 3.8 1.6 5.2 0',
};

export function ModalityIcon({ modality }: { modality: Modality }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[modality]} />
    </svg>
  );
}
