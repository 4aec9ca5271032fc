import { Button, Group, Stack, Switch, Text, Textarea, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type HolidayYear, holidaysQuery, obligationsChanged, saveHolidays } from '../../api/obligationQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { dayText, readDays } from '../../lib/holidays';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import { Notice } from './notices';
import css from './obligations.module.css';

/** Public holidays by year: deadlines in working days are as right as these are. */
export function HolidaysTab({ mayManage }: { mayManage: boolean }) {
  const { t } = useTranslation('obligations');
  const { data, error, isPending, refetch } = useQuery(holidaysQuery);
  const [editing, setEditing] = useState<HolidayYear>();
  if (isPending) return <Rows count={5} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  const years = [...data.years].reverse();
  return (
    <Stack gap="sm">
      <Text size="sm">{t('holidays.text')}</Text>
      {years.map((y) => (
        <section key={y.year} className="la-card" style={{ padding: '12px 14px' }} aria-label={t('holidays.year', { year: y.year })}>
          <Group justify="space-between">
            <Group gap="xs">
              <Title order={2} size="h4">
                {t('holidays.year', { year: y.year })}
              </Title>
              {y.known && <Badge tone={y.verified ? 'ok' : 'medium'}>{t(y.verified ? 'holidays.verified' : 'holidays.unverified')}</Badge>}
            </Group>
            {mayManage && (
              <Button
                size="xs"
                variant={y.known ? 'default' : 'filled'}
                onClick={() => {
                  setEditing(y);
                }}
              >
                {t(y.known ? 'holidays.edit' : 'holidays.enter', { year: y.year })}
              </Button>
            )}
          </Group>
          {!y.known && <Notice title={t('holidays.missing', { year: y.year })}>{t('missing', { years: String(y.year) })}</Notice>}
          {y.note && (
            <Text size="sm" mt={6} className="la-wrap">
              {y.note}
            </Text>
          )}
          {y.off.length > 0 && (
            <>
              <Text size="sm" fw={600} mt={8}>
                {t('holidays.off')}
              </Text>
              <ul className={css.days}>
                {y.off.map((d) => (
                  <li key={d}>{dayText(d)}</li>
                ))}
              </ul>
            </>
          )}
          {y.swap.length > 0 && (
            <>
              <Text size="sm" fw={600} mt={8}>
                {t('holidays.swap')}
              </Text>
              <ul className={css.days}>
                {y.swap.map((d) => (
                  <li key={d}>{dayText(d)}</li>
                ))}
              </ul>
            </>
          )}
        </section>
      ))}
      {editing && (
        <YearDialog
          year={editing}
          onClose={() => {
            setEditing(undefined);
          }}
        />
      )}
    </Stack>
  );
}

function YearDialog({ year: y, onClose }: { year: HolidayYear; onClose: () => void }) {
  const { t } = useTranslation('obligations');
  const client = useQueryClient();
  const [off, setOff] = useState(y.off.map(dayText).join(', '));
  const [swap, setSwap] = useState(y.swap.map(dayText).join(', '));
  const [note, setNote] = useState(y.note);
  const [verified, setVerified] = useState(y.verified);
  const read = { off: readDays(off), swap: readDays(swap) };
  const save = useMutation({
    mutationFn: () => saveHolidays(y.year, { off: read.off.days, swap: read.swap.days, note: note.trim(), verified, version: y.version }),
    onSuccess: async () => {
      toast({ message: t('holidays.saved', { year: y.year }), autoClose: 5_000 });
      await Promise.all([client.invalidateQueries({ queryKey: ['holidays'] }), obligationsChanged(client)]);
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  const wrong = (field: 'off' | 'swap') => (read[field].bad === undefined ? fieldError(field) : t('holidays.bad', { word: read[field].bad }));
  return (
    <Dialog opened onClose={onClose} title={t('holidays.year', { year: y.year })} size="lg">
      <Form
        error={save.error}
        fields={['off', 'swap']}
        submit={t('save')}
        busy={save.isPending}
        disabled={read.off.bad !== undefined || read.swap.bad !== undefined}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <Text size="sm">{t('holidays.keep')}</Text>
        <Textarea
          label={t('holidays.off')}
          description={t('holidays.how')}
          autosize
          minRows={3}
          data-autofocus
          value={off}
          error={wrong('off')}
          onChange={(event) => {
            setOff(event.currentTarget.value);
          }}
        />
        <Textarea
          label={t('holidays.swap')}
          autosize
          minRows={1}
          value={swap}
          error={wrong('swap')}
          onChange={(event) => {
            setSwap(event.currentTarget.value);
          }}
        />
        <Textarea
          label={t('note')}
          autosize
          minRows={2}
          maxLength={1_000}
          value={note}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
        <Switch
          label={t('holidays.check')}
          checked={verified}
          onChange={(event) => {
            setVerified(event.currentTarget.checked);
          }}
        />
      </Form>
    </Dialog>
  );
}
