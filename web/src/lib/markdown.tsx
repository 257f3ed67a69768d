import { Fragment, type ReactNode } from 'react';

/**
 * A bundle's card as elements: headings, paragraphs, lists, tables, code, links. No HTML of the card reaches the page, and a
 * link goes nowhere but to http(s).
 */
export function Markdown({ text, level = 2 }: { text: string; level?: number }): ReactNode {
  return blocks(text).map((block, i) => <Fragment key={i}>{element(block, level)}</Fragment>);
}

export type Block =
  | { kind: 'heading'; depth: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; ordered: boolean; items: string[] }
  | { kind: 'table'; head: string[]; rows: string[][] }
  | { kind: 'code'; text: string };

export function blocks(text: string): Block[] {
  const lines = text.split(/\r?\n/);
  const found: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at]!;
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (line.trim() === '') at++;
    else if (line.startsWith('```')) {
      const end = lines.findIndex((one, i) => i > at && one.startsWith('```'));
      const stop = end < 0 ? lines.length : end;
      found.push({ kind: 'code', text: lines.slice(at + 1, stop).join('\n') });
      at = stop + 1;
    } else if (heading) {
      found.push({ kind: 'heading', depth: heading[1]!.length, text: heading[2]! });
      at++;
    } else if (line.startsWith('|') && /^\|[\s:|-]+\|?\s*$/.test(lines[at + 1] ?? '')) {
      const rows: string[][] = [];
      const head = cells(line);
      for (at += 2; lines[at]?.startsWith('|'); at++) rows.push(cells(lines[at]!));
      found.push({ kind: 'table', head, rows });
    } else if (item(line) !== null) {
      const ordered = /^\s*\d/.test(line);
      const items: string[] = [];
      for (; at < lines.length && lines[at]!.trim() !== ''; at++) {
        const started = item(lines[at]!);
        if (started !== null) items.push(started);
        else items[items.length - 1] += ` ${lines[at]!.trim()}`;
      }
      found.push({ kind: 'list', ordered, items });
    } else {
      const paragraph: string[] = [];
      for (; at < lines.length && !startsBlock(lines[at]!); at++) paragraph.push(lines[at]!.trim());
      found.push({ kind: 'paragraph', text: paragraph.join(' ') });
    }
  }
  return found;
}

function startsBlock(line: string): boolean {
  return line.trim() === '' || /^#{1,6}\s/.test(line) || line.startsWith('```') || item(line) !== null;
}

function item(line: string): string | null {
  return /^\s*(?:[-*+]|\d+[.)])\s+(.*)$/.exec(line)?.[1] ?? null;
}

function cells(line: string): string[] {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim().replaceAll('\\|', '|'));
}

function element(block: Block, level: number): ReactNode {
  switch (block.kind) {
    case 'heading': {
      const Heading = `h${Math.min(6, block.depth + level - 1)}` as 'h2';
      return <Heading>{inline(block.text)}</Heading>;
    }
    case 'paragraph':
      return <p>{inline(block.text)}</p>;
    case 'list': {
      const List = block.ordered ? 'ol' : 'ul';
      return (
        <List>
          {block.items.map((one, i) => (
            <li key={i}>{inline(one)}</li>
          ))}
        </List>
      );
    }
    case 'code':
      return (
        <pre>
          <code>{block.text}</code>
        </pre>
      );
    case 'table':
      return (
        <div className="scroll" role="group" aria-label={`Table: ${block.head.join(', ')}`} tabIndex={0}>
          <table className="data">
            <thead>
              <tr>
                {block.head.map((cell, i) => (
                  <th key={i} scope="col">
                    {inline(cell)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, i) => (
                <tr key={i}>
                  {row.map((cell, j) => (
                    <td key={j}>{inline(cell)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

const marks = /`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])[*_]([^*_\s][^*_]*)[*_](?![\w*])|\[([^\]]+)\]\(([^)\s]+)\)/g;

export function inline(text: string): ReactNode[] {
  const found: ReactNode[] = [];
  let last = 0;
  for (const match of text.matchAll(marks)) {
    found.push(text.slice(last, match.index));
    const [all, code, strong, em, label, target] = match;
    if (code !== undefined) found.push(<code key={match.index}>{code}</code>);
    else if (strong !== undefined) found.push(<strong key={match.index}>{strong}</strong>);
    else if (em !== undefined) found.push(<em key={match.index}>{em}</em>);
    else if (/^https?:\/\//i.test(target!))
      found.push(
        <a key={match.index} href={target} rel="noreferrer noopener">
          {label}
        </a>,
      );
    else found.push(label);
    last = match.index + all.length;
  }
  found.push(text.slice(last));
  return found.filter(part => part !== '');
}
