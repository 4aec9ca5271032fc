import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

export function Copy({ value, label }: { value: string; label?: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('action.copied') : (label ?? t('action.copy'))}>
          <ActionIcon size={24} onClick={copy} aria-label={label ?? t('action.copy')}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** Text to read or paste elsewhere, with its copy button. */
export function Code({ text, wrap, label, copy }: { text: string; wrap?: boolean; label?: string; copy?: string }) {
  return (
    <div style={{ position: 'relative' }}>
      <pre className="la-code" data-wrap={wrap ? '' : undefined} tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <div style={{ position: 'absolute', top: 6, right: 6 }}>
        <Copy value={text} {...(copy !== undefined && { label: copy })} />
      </div>
    </div>
  );
}
