import '../../i18n/incidents';

import { Button, Radio, Select, Stack, Text, Textarea, Title } from '@mantine/core';
import { IconShare } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { endShare, type IncidentDetail, type IncidentShare, incidentChanged, incidentSharesQuery, shareIncident } from '../../api/incidentQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { PlainText } from '../../kit/PlainText';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { UnitPicker } from '../users/UnitPicker';
import { tlps } from './fields';
import { Guests } from './Guests';
import css from './incidents.module.css';
import type { TabProps } from './IncidentPage';

/** Whom the incident was shared with, and how much of it. */
export function Sharing({ incident }: TabProps) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(incidentSharesQuery(incident.id));
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<IncidentShare>();
  const shares = incident.mayShare && incident.secrecy === '' && !incident.mergedInto;
  return (
    <section aria-label={t('share.title')}>
      <div className={css.bar}>
        <Title order={3}>{t('share.title')}</Title>
        {shares && (
          <Button
            ml="auto"
            size="xs"
            leftSection={<IconShare size={15} />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('share.add')}
          </Button>
        )}
      </div>
      {incident.secrecy !== '' && (
        <Text size="sm" className="la-dim">
          {t('share.secret')}
        </Text>
      )}
      {isPending && <Rows count={3} />}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('share.none')}
        </Text>
      )}
      <ul className={css.shares}>
        {data?.items.map((share) => (
          <li key={share.id} data-ended={share.endedAt !== undefined || undefined}>
            <div>
              <b>{share.unitName || share.unit}</b> {share.endedAt && <Badge tone="informational">{t('share.ended')}</Badge>}
              <div className={css.under}>
                <span>{t(`share.${share.part}`)}</span>
                <span>{`TLP:${share.tlp}`}</span>
                <span>
                  {t('share.by', { name: share.by.displayName })}, <Time at={share.at} />
                </span>
                {share.endedAt && (
                  <span>
                    {t('share.ended')} <Time at={share.endedAt} />
                  </span>
                )}
              </div>
              {share.note && <PlainText text={share.note} />}
            </div>
            {shares && !share.endedAt && (
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => {
                  setEnding(share);
                }}
              >
                {t('share.end')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {adding && (
        <ShareDialog
          incident={incident}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {ending && (
        <ConfirmDialog
          title={t('share.end')}
          text={t('share.endText', { unit: ending.unitName || ending.unit })}
          confirm={t('share.end')}
          danger
          onConfirm={async () => {
            await endShare(incident.id, ending.id);
            await incidentChanged(client);
          }}
          onClose={() => {
            setEnding(undefined);
          }}
        />
      )}
      {!incident.shared && <Guests incident={incident} />}
    </section>
  );
}

function ShareDialog({ incident, onClose }: { incident: IncidentDetail; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const [unit, setUnit] = useState<string | null>(null);
  const [part, setPart] = useState<'all' | 'summary'>('summary');
  const [tlp, setTlp] = useState(incident.tlp);
  const [note, setNote] = useState('');
  const save = useMutation({
    mutationFn: () => shareIncident(incident.id, { unit: unit ?? '', part, tlp, ...(note.trim() !== '' && { note: note.trim() }) }),
    onSuccess: async () => {
      await incidentChanged(client);
      onClose();
      toast({ message: t('share.add') });
    },
  });
  const error = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t('share.add')}>
      <Form
        error={save.error}
        fields={['unit', 'part', 'tlp', 'note']}
        submit={t('share.submit')}
        busy={save.isPending}
        disabled={unit === null}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <UnitPicker label={t('share.unit')} value={unit} onChange={setUnit} error={error('unit')} />
        <Radio.Group
          label={t('share.part')}
          value={part}
          error={error('part')}
          onChange={(value) => {
            setPart(value === 'all' ? 'all' : 'summary');
          }}
        >
          <Stack gap={6} mt={4}>
            {(['summary', 'all'] as const).map((value) => (
              <Radio key={value} value={value} label={t(`share.${value}`)} />
            ))}
          </Stack>
        </Radio.Group>
        <Select
          label={t('share.tlp')}
          allowDeselect={false}
          data={tlps.slice(tlps.indexOf(incident.tlp)).map((value) => ({ value, label: `TLP:${value} – ${t(`tlp.${value}`)}` }))}
          value={tlp}
          error={error('tlp')}
          onChange={(value) => {
            setTlp(tlps.find((one) => one === value) ?? incident.tlp);
          }}
        />
        <Textarea
          label={t('share.note')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4_000}
          value={note}
          error={error('note')}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
      </Form>
    </Dialog>
  );
}
