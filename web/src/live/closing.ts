import { isKey, t } from '../i18n';

/** Whether a closed connection is worth another try, and what to say where it is not. */
export function closing(code: number): { again: boolean; message: string } {
  const key = `close.${code}`;
  return isKey(key) ? { again: false, message: t(key) } : { again: code !== 1000, message: t('close.broken') };
}
