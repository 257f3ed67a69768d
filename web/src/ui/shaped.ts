import type { CSSProperties } from 'react';

/** The style of a frame that has exactly its picture's shape, so that boxes on it lie where they do in the picture. */
export function shaped(ratio: number): CSSProperties {
  return { '--ratio': ratio } as CSSProperties;
}
