import { isTranscript } from './pairing';

// Browsers know the kinds of most files by their endings, but not of these.
const otherMedia = /\.(mkv|mka|mts|m2ts|ts|flv|wmv|wma|mxf|caf|amr|ac3|avi|3gp|aiff?)$/i;
const isHeard = (file: File) => /^(audio|video)\//.test(file.type) || otherMedia.test(file.name);

/** The files that were dropped; of a folder those that may be recordings or their transcripts, and pictures where there are no others. */
export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  // What was dropped is there for this call alone; what is in a folder is read later.
  const named = [...transfer.files];
  const entries = [...transfer.items].flatMap(item => (item.kind === 'file' ? [item.webkitGetAsEntry()] : []));
  if (!entries.some(entry => entry?.isDirectory)) return named;
  const found = await Promise.all(
    entries.map(async (entry, i) =>
      entry?.isDirectory ? usable(await below(entry as FileSystemDirectoryEntry)) : named.slice(i, i + 1),
    ),
  );
  return found.flat();
}

export function usable(files: File[]): File[] {
  const seen = files.filter(file => !file.name.startsWith('.'));
  const heard = seen.filter(file => isHeard(file) || isTranscript(file));
  return heard.some(isHeard) ? heard : seen.filter(file => file.type.startsWith('image/') || isTranscript(file));
}

async function below(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const batches: FileSystemEntry[][] = [];
  // A hundred at a time, until there are none.
  do {
    batches.push(
      await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)).catch(() => []),
    );
  } while (batches.at(-1)!.length > 0);
  const entries = batches.flat().sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  const found: File[][] = [];
  for (const entry of entries) found.push(await filesAt(entry));
  return found.flat();
}

const filesAt = (entry: FileSystemEntry): Promise<File[]> =>
  entry.isDirectory
    ? below(entry as FileSystemDirectoryEntry)
    : new Promise(resolve =>
        (entry as FileSystemFileEntry).file(
          file => resolve([file]),
          () => resolve([]),
        ),
      );
