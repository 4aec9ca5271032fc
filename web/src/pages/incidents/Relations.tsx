import '../../i18n/casework';
import '../../i18n/incidents';

import { ActionIcon, Radio, Text, Textarea, Title } from '@mantine/core';
import { IconLinkPlus, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { relate, type Relation, type RelationKind, relationsQuery, unrelate } from '../../api/caseworkQueries';
import { type Incident, type IncidentDetail, incidentChanged } from '../../api/incidentQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { LevelBadge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Ago, Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { IncidentPicker } from './FromAlerts';
import work from './casework.module.css';
import css from './incidents.module.css';
import { PhaseMark } from './marks';

const kinds = ['related', 'duplicate-of', 'caused-by'] as const satisfies readonly RelationKind[];

/** What another incident is to this one, in words that hold from this side. */
function useKind() {
  const { t } = useTranslation('casework');
  return (one: Pick<Relation, 'kind' | 'inverse'>) =>
    one.inverse && one.kind !== 'related' ? t(`relation.${one.kind}-inverse`) : t(`relation.${one.kind}`);
}

/** The incidents that have to do with one, from either side. */
export function Relations({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation('casework');
  const client = useQueryClient();
  const kind = useKind();
  const { data, error, isPending, refetch } = useQuery(relationsQuery(incident.id));
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Relation>();
  const changes = incident.mayChange && !incident.mergedInto;
  return (
    <section className={css.part} aria-label={t('relation.title')}>
      <div className={css.partHead}>
        <Title order={3}>{t('relation.title')}</Title>
        {changes && (
          <ActionIcon
            aria-label={t('relation.add')}
            data-tip={t('relation.add')}
            onClick={() => {
              setAdding(true);
            }}
          >
            <IconLinkPlus size={16} />
          </ActionIcon>
        )}
      </div>
      {isPending && <Rows count={2} />}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('relation.none')}
        </Text>
      )}
      <ul className={css.similar}>
        {data?.items.map((one) => (
          <li key={one.id} className={work.related}>
            <div>
              <Text size="xs" className="la-dim">
                {kind(one)}
              </Text>
              <Link to="/incidents/$id" params={{ id: one.incident.id }}>
                <span className="la-mono">{one.incident.code}</span> {one.incident.title}
              </Link>
              <div className={css.under}>
                <LevelBadge level={one.incident.severity} /> <PhaseMark phase={one.incident.phase} /> <Ago at={one.incident.openedAt} />
              </div>
              {one.reason !== '' && (
                <Text size="sm" className="la-wrap">
                  {one.reason}
                </Text>
              )}
              <Text size="xs" className="la-dim">
                {t('relation.by', { name: one.by })}, <Time at={one.at} />
              </Text>
            </div>
            {changes && kinds.some((known) => known === one.kind) && (
              <ActionIcon
                aria-label={`${t('relation.end')}: ${one.incident.code}`}
                data-tip={t('relation.end')}
                onClick={() => {
                  setEnding(one);
                }}
              >
                <IconX size={15} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {adding && (
        <RelateDialog
          incident={incident}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {ending && (
        <ConfirmDialog
          title={t('relation.end')}
          text={t('relation.endText', { code: ending.incident.code })}
          confirm={t('relation.end')}
          reason="required"
          onConfirm={async (why) => {
            await unrelate(incident.id, ending.id, why);
            await incidentChanged(client);
          }}
          onClose={() => {
            setEnding(undefined);
          }}
        />
      )}
    </section>
  );
}

/** States that another incident, found by its number or title, has to do with this one. */
function RelateDialog({ incident, onClose }: { incident: IncidentDetail; onClose: () => void }) {
  const { t } = useTranslation('casework');
  const client = useQueryClient();
  const [other, setOther] = useState<Incident>();
  const [kind, setKind] = useState<RelationKind>('related');
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: () => relate(incident.id, { with: other?.id ?? '', kind, reason: reason.trim() }),
    onSuccess: async () => {
      await incidentChanged(client);
      onClose();
      toast({ message: t('relation.done', { code: other?.code ?? '' }), autoClose: 4_000 });
    },
  });
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('relation.add')}>
      <Form
        error={save.error}
        fields={['reason']}
        submit={t('relation.submit')}
        busy={save.isPending}
        disabled={other === undefined || reason.trim() === ''}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <IncidentPicker value={other?.id} onChange={setOther} filter={{ drill: incident.drill, status: 'any' }} except={incident.id} />
        <Radio.Group
          label={t('relation.kind')}
          value={kind}
          onChange={(value) => {
            setKind(kinds.find((one) => one === value) ?? 'related');
          }}
        >
          <div className={css.choices}>
            {kinds.map((one) => (
              <Radio key={one} value={one} label={t(`relation.choose.${one}`)} />
            ))}
          </div>
        </Radio.Group>
        <Textarea
          label={t('relation.reason')}
          description={t('relation.reasonHint')}
          autosize
          minRows={2}
          maxRows={5}
          maxLength={200}
          value={reason}
          error={fieldError('reason')}
          onChange={(event) => {
            setReason(event.currentTarget.value);
          }}
        />
      </Form>
    </Dialog>
  );
}
