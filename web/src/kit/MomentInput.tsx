import '../i18n/kit';

import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { momentText, parseMoment } from './moment';

interface Props {
  label: string;
  /** RFC 3339. */
  value: string | undefined;
  /** When the field is left or Enter is pressed; what names no moment stays with its error. */
  onChange: (at: string | undefined) => void;
  /** A day alone is its end. */
  end?: boolean;
  required?: boolean;
  error?: string | undefined;
  size?: 'xs' | 'sm';
  rightSection?: React.ReactNode;
}

/** A day or a moment, typed as dd/mm/yyyy HH:mm in Vietnam's time, wherever the browser is. */
export function MomentInput({ label, value, onChange, end = false, required = false, error, size = 'sm', rightSection }: Props) {
  const { t } = useTranslation('kit');
  const [typed, setTyped] = useState<string>();
  const read = (words: string) => parseMoment(words, { end });
  const wrong = typed !== undefined && typed.trim() !== '' && read(typed) === undefined;
  const settle = () => {
    if (typed === undefined || wrong) return;
    const at = read(typed);
    setTyped(undefined);
    if (at !== value) onChange(at);
  };
  return (
    <TextInput
      size={size}
      w={190}
      label={label}
      placeholder={t('date.example')}
      title={t('date.form')}
      autoComplete="off"
      required={required}
      withAsterisk={false}
      value={typed ?? momentText(value)}
      error={wrong ? t('date.wrong') : error}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
      }}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === 'Enter') settle();
      }}
      rightSection={rightSection}
    />
  );
}
