import { Alert, Button, Group, Progress, Select, Stack, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { unitsQuery } from '../../api/queries';
import { useSession } from '../../app/session';
import { formatBytes } from '../../lib/format';
import { useErrorText } from '../../ui/errors';
import { earlierOf, type SendingFile, useSending } from './useSending';
import styles from './upload.module.css';

const kinds = ['auto', 'csv', 'ndjson', 'lines'] as const;

interface Props {
  limits: { maxBytes: number; keepHours: number } | undefined;
  onOpen: (id: string) => void;
}

/** Where files are dropped or chosen, and how far each has come. */
export function UploadDrop({ limits, onOpen }: Props) {
  const { t, i18n } = useTranslation(['translation', 'upload']);
  const { user } = useSession();
  const units = useQuery(unitsQuery);
  const own = user.unit === centreUnit ? '' : user.unit;
  const [unit, setUnit] = useState<string>(own);
  const [kind, setKind] = useState<string>('auto');
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const sending = useSending();
  const ready = unit !== '';
  const take = (list: FileList | null) => {
    if (ready && list && list.length > 0) sending.add([...list], unit, kind);
  };
  return (
    <Stack gap="sm" p="md">
      <Text size="sm" className="la-dim">
        {t('upload:intro')}
      </Text>
      <Group gap="sm" align="flex-end">
        <Select
          label={t('upload:unit')}
          data={(units.data?.items ?? []).map((u) => ({ value: u.id, label: u.name }))}
          value={unit || null}
          onChange={(value) => {
            setUnit(value ?? own);
          }}
          disabled={own !== ''}
          searchable
          required
          withAsterisk={false}
          style={{ flex: '2 1 240px' }}
        />
        <Select
          label={t('upload:kind')}
          data={kinds.map((value) => ({ value, label: t(`upload:kinds.${value}`) }))}
          value={kind}
          onChange={(value) => {
            setKind(value ?? 'auto');
          }}
          allowDeselect={false}
          style={{ flex: '1 1 200px' }}
        />
      </Group>
      <div
        className={styles.drop}
        data-over={over && ready ? '' : undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files);
        }}
      >
        <IconUpload size={26} aria-hidden="true" />
        <Text size="sm">
          {t('upload:drop')}{' '}
          <UnstyledButton className={styles.choose} disabled={!ready} onClick={() => picker.current?.click()}>
            {t('upload:choose')}
          </UnstyledButton>
        </Text>
        <VisuallyHidden>
          <input
            ref={picker}
            type="file"
            multiple
            tabIndex={-1}
            aria-label={t('upload:choose')}
            onChange={(event) => {
              take(event.currentTarget.files);
              event.currentTarget.value = '';
            }}
          />
        </VisuallyHidden>
        {!ready && <Text size="xs">{t('upload:unitFirst')}</Text>}
        <Text size="xs" className="la-dim">
          {t('upload:accepts', { size: formatBytes(limits?.maxBytes ?? 0, i18n.language) })}
        </Text>
      </div>
      {sending.files.map((one) => (
        <OneFile
          key={one.id}
          one={one}
          onDrop={() => {
            sending.drop(one.id);
          }}
          onRepeat={() => {
            sending.repeat(one);
          }}
          onOpen={onOpen}
        />
      ))}
      <Text size="xs" className="la-dim">
        {limits && limits.keepHours > 0 ? t('upload:keptHours', { hours: limits.keepHours }) : t('upload:kept')}
      </Text>
    </Stack>
  );
}

interface OneProps {
  one: SendingFile;
  onDrop: () => void;
  onRepeat: () => void;
  onOpen: (id: string) => void;
}

function OneFile({ one, onDrop, onRepeat, onOpen }: OneProps) {
  const { t, i18n } = useTranslation(['translation', 'upload']);
  const errorText = useErrorText();
  const { name, size } = one.file;
  if (one.error === undefined) {
    const done = formatBytes(one.sent, i18n.language);
    return (
      <div>
        <Group justify="space-between" gap="xs">
          <Text size="sm">{t('upload:sending', { name })}</Text>
          <Group gap="xs">
            <Text size="xs" className="la-dim la-num">
              {t('upload:sendingPart', { done, all: formatBytes(size, i18n.language) })}
            </Text>
            <Button size="compact-xs" variant="default" aria-label={t('upload:stopSending', { name })} onClick={onDrop}>
              {t('upload:cancel')}
            </Button>
          </Group>
        </Group>
        <Progress value={(100 * one.sent) / Math.max(size, 1)} size="sm" mt={4} aria-label={t('upload:sending', { name })} />
      </div>
    );
  }
  const earlier = earlierOf(one.error);
  const text = errorText(one.error);
  return (
    <Alert
      color={earlier ? 'yellow' : 'red'}
      variant="light"
      title={earlier ? t('upload:again.title') : t('upload:failedSend', { name })}
      role="alert"
    >
      <Text size="sm">{earlier ? t('upload:again.text', { name }) : `${text.title}. ${text.remedy}`}</Text>
      <Group gap="xs" mt="xs">
        {earlier && (
          <>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                onOpen(earlier);
              }}
            >
              {t('upload:again.earlier')}
            </Button>
            <Button size="xs" onClick={onRepeat}>
              {t('upload:again.again')}
            </Button>
          </>
        )}
        <Button size="xs" variant="default" onClick={onDrop}>
          {t('upload:dismiss')}
        </Button>
      </Group>
    </Alert>
  );
}
