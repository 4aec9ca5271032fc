import { Alert, Button, Group, Progress, Select, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import '../../../i18n/trial';
import '../../../i18n/why';
import { ApiError } from '../../../api/client';
import { formatNumber } from '../../../lib/format';
import { useErrorText } from '../../../ui/errors';
import { Result } from './Result';
import { useTrial, type Ask } from './useTrial';

const ranges = [1, 7, 30, 90];
const usual = 30;

interface Props {
  ask: Ask;
  disabled?: boolean;
  /** What the search begins with where a result leads to it. */
  query?: string;
}

function Failure({ error, text }: { error: unknown; text?: string | undefined }) {
  const { t, i18n } = useTranslation('trial');
  const errorText = useErrorText();
  const code = error instanceof ApiError ? error.code.replaceAll('.', '_') : '';
  const own = code !== '' && i18n.exists(`code.${code}`, { ns: 'trial' });
  const words = own ? t(`code.${code}` as 'code.rule-test_unknown', { returnObjects: true }) : error ? errorText(error) : undefined;
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title={words?.title ?? t('failed')}>
      {words?.remedy ?? text}
    </Alert>
  );
}

/** Tries a rule or a list on the events that are stored. */
export function Trial({ ask, disabled = false, query = '' }: Props) {
  const { t, i18n } = useTranslation('trial');
  const [days, setDays] = useState(usual);
  const { trial, going, error, start, stop } = useTrial();
  const percent = Math.floor((trial?.progress ?? 0) * 100);
  const said =
    trial?.state === 'running'
      ? t('running', { percent, n: formatNumber(trial.found, i18n.language) })
      : t('queued');
  return (
    <Stack gap="sm">
      <Group gap="sm" align="end">
        <Select
          size="xs"
          w={150}
          label={t('days')}
          allowDeselect={false}
          disabled={going}
          data={ranges.map((n) => ({ value: String(n), label: t('daysOption', { n }) }))}
          value={String(days)}
          onChange={(value) => {
            setDays(Number(value));
          }}
        />
        {going ? (
          <Button size="xs" variant="default" leftSection={<IconPlayerStop size={15} />} onClick={stop}>
            {t('cancel')}
          </Button>
        ) : (
          <Button
            size="xs"
            leftSection={<IconPlayerPlay size={15} />}
            disabled={disabled}
            onClick={() => {
              start(ask, days);
            }}
          >
            {t('run', { n: days })}
          </Button>
        )}
      </Group>
      {going && (
        <div role="status" aria-live="polite">
          <Progress value={Math.max(percent, 2)} animated aria-label={said} />
          <Text size="sm" mt={4}>
            {said}
          </Text>
        </div>
      )}
      {error && !going && <Failure error={error} />}
      {!going && !error && trial?.state === 'failed' && (
        <Failure error={trial.errorCode ? new ApiError(422, { code: trial.errorCode }) : undefined} text={trial.error} />
      )}
      {!going && trial?.state === 'cancelled' && <Text size="sm">{t('stopped')}</Text>}
      {!going && trial?.result && <Result trial={trial} result={trial.result} query={query} />}
    </Stack>
  );
}
