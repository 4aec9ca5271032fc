import { NumberInput, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addConnection, changeConnection, type Connection, type ConnectionFacts, connectionsChanged } from '../../../api/connectionQueries';
import { systemChoicesQuery } from '../../../api/systemQueries';
import { Form, useFieldErrors } from '../../../kit/Form';
import { Dialog } from '../../../ui/Dialog';
import { toast } from '../../../ui/toast';
import css from '../systems.module.css';

const kinds = ['population', 'platform', 'service', 'data', 'other'] as const;
const directions = ['both', 'out', 'in'] as const;
const checks = ['none', 'tcp', 'tls', 'http'] as const;

const fresh: ConnectionFacts = {
  other: '', partner: '', kind: 'service', direction: 'both', purpose: '', data: '', means: '', basis: '', check: { kind: 'none', target: '', every: 5 },
};

interface Props {
  system: string;
  /** Absent: a new one. */
  connection?: Connection | undefined;
  onClose: () => void;
}

/** A connection of a system: with whom, for what, and how it is checked. */
export function ConnectionDialog({ system, connection, onClose }: Props) {
  const { t } = useTranslation('systems');
  const client = useQueryClient();
  const [facts, setFacts] = useState<ConnectionFacts>(connection?.facts ?? fresh);
  const [registered, setRegistered] = useState(connection ? connection.facts.other !== '' : true);
  const systems = (useQuery(systemChoicesQuery).data?.items ?? []).filter((x) => x.id !== system);
  const set = (change: Partial<ConnectionFacts>) => { setFacts((old) => ({ ...old, ...change })); };
  const check = facts.check;
  const setCheck = (change: Partial<ConnectionFacts['check']>) => { set({ check: { ...check, ...change } }); };
  const save = useMutation({
    mutationFn: () => {
      const sent: ConnectionFacts = { ...facts, ...(registered ? { partner: '' } : { other: '' }) };
      return connection ? changeConnection(connection.id, sent, connection.version) : addConnection(system, sent);
    },
    onSuccess: async () => {
      toast({ message: t('connection.saved'), autoClose: 4_000 });
      await connectionsChanged(client);
      onClose();
    },
  });
  const wrong = useFieldErrors(save.error);
  const unnamed = registered ? facts.other === '' : facts.partner.trim() === '';
  return (
    <Dialog opened onClose={onClose} size="lg" title={t(connection ? 'connection.edit' : 'connection.add')}>
      <Form error={save.error} fields={['other', 'partner', 'check.target', 'check.every']} submit={t('save')} busy={save.isPending} disabled={unnamed} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <SegmentedControl
          fullWidth
          mb="sm"
          aria-label={t('connection.side')}
          data={[{ value: 'system', label: t('connection.registered') }, { value: 'partner', label: t('connection.outside') }]}
          value={registered ? 'system' : 'partner'}
          onChange={(side) => { setRegistered(side === 'system'); }}
        />
        <div className={css.grid}>
          {registered ? (
            <Select
              label={t('connection.other')}
              searchable
              data={systems.map((x) => ({ value: x.id, label: `${x.code} · ${x.name}` }))}
              value={facts.other || null}
              error={wrong('other')}
              nothingFoundMessage={t('connection.noOther')}
              onChange={(other) => { set({ other: other ?? '' }); }}
            />
          ) : (
            <TextInput label={t('connection.partner')} maxLength={300} value={facts.partner} error={wrong('partner')} onChange={(e) => { set({ partner: e.currentTarget.value }); }} />
          )}
          <Select label={t('connection.kindName')} allowDeselect={false} data={kinds.map((value) => ({ value, label: t(`connection.kind.${value}`) }))} value={facts.kind} onChange={(kind) => { if (kind) set({ kind: kind as ConnectionFacts['kind'] }); }} />
          <Select label={t('connection.directionName')} allowDeselect={false} data={directions.map((value) => ({ value, label: t(`connection.direction.${value}`) }))} value={facts.direction} onChange={(direction) => { if (direction) set({ direction: direction as ConnectionFacts['direction'] }); }} />
          <TextInput label={t('connection.means')} maxLength={300} value={facts.means} onChange={(e) => { set({ means: e.currentTarget.value }); }} />
          <TextInput label={t('connection.basis')} maxLength={300} value={facts.basis} onChange={(e) => { set({ basis: e.currentTarget.value }); }} />
        </div>
        <Textarea label={t('connection.purpose')} autosize minRows={2} maxLength={2000} value={facts.purpose} onChange={(e) => { set({ purpose: e.currentTarget.value }); }} />
        <Textarea label={t('connection.data')} autosize minRows={2} maxLength={2000} value={facts.data} onChange={(e) => { set({ data: e.currentTarget.value }); }} />
        <div className={css.grid}>
          <Select label={t('connection.checkName')} description={t('connection.checkHint')} allowDeselect={false} data={checks.map((value) => ({ value, label: t(`connection.check.${value}`) }))} value={check.kind} onChange={(kind) => { if (kind) setCheck({ kind: kind as ConnectionFacts['check']['kind'] }); }} />
          {check.kind !== 'none' && (
            <>
              <TextInput label={t('connection.target')} description={t(check.kind === 'http' ? 'connection.targetHttp' : 'connection.targetPort')} maxLength={500} value={check.target} error={wrong('check.target')} onChange={(e) => { setCheck({ target: e.currentTarget.value }); }} />
              <NumberInput label={t('connection.every')} min={1} max={1440} allowDecimal={false} value={check.every} error={wrong('check.every')} onChange={(every) => { setCheck({ every: Number(every) || 5 }); }} />
            </>
          )}
        </div>
      </Form>
    </Dialog>
  );
}
