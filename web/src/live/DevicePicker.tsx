import { useEffect, useState } from 'react';
import { t } from '../i18n';
import type { Chosen, Sources } from './media';

const name = 'affekt.devices';

/** What was chosen last; a device that is gone is as if none had been chosen. */
export function rememberedDevices(): Chosen {
  try {
    return { camera: null, microphone: null, ...(JSON.parse(localStorage.getItem(name) ?? '{}') as Partial<Chosen>) };
  } catch {
    return { camera: null, microphone: null };
  }
}

interface Props {
  sources: Sources;
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
}

/** Which camera and which microphone, where there are several. Their names are known once the browser was allowed to open one. */
export function DevicePicker({ sources, chosen, onChange }: Props) {
  const devices = useDevices();
  const choose = (part: Partial<Chosen>) => {
    const next = { ...chosen, ...part };
    localStorage.setItem(name, JSON.stringify(next));
    onChange(next);
  };
  return (
    <>
      {sources.video && (
        <Choice
          label={t('live.whichCamera')}
          devices={devices.filter(one => one.kind === 'videoinput')}
          numbered={n => t('live.cameraNumber', { n })}
          value={chosen.camera}
          onChange={camera => choose({ camera })}
        />
      )}
      {sources.audio && (
        <Choice
          label={t('live.whichMicrophone')}
          devices={devices.filter(one => one.kind === 'audioinput')}
          numbered={n => t('live.microphoneNumber', { n })}
          value={chosen.microphone}
          onChange={microphone => choose({ microphone })}
        />
      )}
    </>
  );
}

interface ChoiceProps {
  label: string;
  devices: MediaDeviceInfo[];
  numbered: (n: number) => string;
  value: string | null;
  onChange: (id: string | null) => void;
}

function Choice({ label, devices, numbered, value, onChange }: ChoiceProps) {
  // Before the browser was allowed anything it tells no names to choose by, only that there are devices.
  const known = devices.filter(one => one.deviceId !== '' && one.deviceId !== 'default');
  if (known.length === 0) return null;
  return (
    <label className="field">
      {label}
      <select
        value={known.some(one => one.deviceId === value) ? value! : ''}
        onChange={event => onChange(event.target.value || null)}>
        <option value="">{t('live.default')}</option>
        {known.map((one, i) => (
          <option key={one.deviceId} value={one.deviceId}>
            {one.label || numbered(i + 1)}
          </option>
        ))}
      </select>
    </label>
  );
}

function useDevices(): MediaDeviceInfo[] {
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!media) return;
    const look = () => void media.enumerateDevices().then(setDevices, () => undefined);
    look();
    media.addEventListener('devicechange', look);
    return () => media.removeEventListener('devicechange', look);
  }, []);
  return devices;
}
