import { type ReactNode, useRef } from 'react';

interface Props {
  accept: string;
  multiple?: boolean;
  className?: string;
  onFiles: (files: File[]) => void;
  children: ReactNode;
}

/** A button that asks for files. */
export function FileButton({ accept, multiple = false, className, onFiles, children }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple={multiple}
        hidden
        onChange={event => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <button type="button" className={className} onClick={() => input.current?.click()}>
        {children}
      </button>
    </>
  );
}
