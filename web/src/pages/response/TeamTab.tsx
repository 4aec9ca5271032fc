import { Button, Text, TextInput } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { type Responder, teamQuery } from '../../api/responseQueries';
import { useMay, useSession } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { Form, useFieldErrors } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { useChange } from './parts';
import css from './response.module.css';

/** The people who can be called up. */
export function TeamTab() {
  const { t } = useTranslation('response');
  const may = useMay();
  const { data, error, isPending, refetch } = useQuery(teamQuery);
  const [editing, setEditing] = useState<Responder | 'new'>();
  const [removing, setRemoving] = useState<Responder>();
  const remove = useChange((r: Responder) => call(`/response-team/${encodeURIComponent(r.id)}`, { method: 'DELETE', query: { version: r.version } }));
  if (isPending) return <Rows count={4} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  const add = may('coordination.manage') && (
    <Button size="xs" mb="sm" onClick={() => { setEditing('new'); }}>
      {t('addPerson')}
    </Button>
  );
  return (
    <>
      {data.items.length === 0 ? (
        <EmptyState icon={<IconUsersGroup size={34} />} title={t('noTeam')} text={t('noTeamText')} steps={[t('teamStep1'), t('teamStep2'), t('teamStep3')]}>
          {add}
        </EmptyState>
      ) : (
        <>
          {add}
          <ul className={css.grid}>
            {data.items.map((r) => (
              <li key={r.id} className={`la-card ${css.card ?? ''}`}>
                <Text fw={600}>{r.name}</Text>
                <Text size="sm" className="la-dim">
                  {[r.title, r.organisation, r.unitName].filter(Boolean).join(' · ')}
                </Text>
                {r.phone && (
                  <a href={`tel:${r.phone.replace(/[^0-9+]/g, '')}`} className="la-num">
                    {r.phone}
                  </a>
                )}
                {r.mail && <div>{r.mail}</div>}
                {(r.skills ?? []).length > 0 && <Text size="sm">{(r.skills ?? []).join(', ')}</Text>}
                {r.mayManage && (
                  <Button.Group mt="xs">
                    <Button size="compact-xs" variant="default" onClick={() => { setEditing(r); }}>
                      {t('edit')}
                    </Button>
                    <Button size="compact-xs" variant="default" onClick={() => { setRemoving(r); }}>
                      {t('remove')}
                    </Button>
                  </Button.Group>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {editing && <PersonDialog {...(editing !== 'new' && { person: editing })} onClose={() => { setEditing(undefined); }} />}
      {removing && <ConfirmDialog danger title={t('remove')} text={`${removing.name}. ${t('removeText')}`} confirm={t('remove')} onConfirm={() => remove.mutateAsync(removing)} onClose={() => { setRemoving(undefined); }} />}
    </>
  );
}

const fields = ['name', 'organisation', 'title', 'phone', 'mail', 'user', 'note'] as const;

function PersonDialog({ person, onClose }: { person?: Responder; onClose: () => void }) {
  const { t } = useTranslation('response');
  const { user } = useSession();
  const [draft, setDraft] = useState(() => Object.fromEntries(fields.map((f) => [f, person?.[f] ?? ''])) as Record<(typeof fields)[number], string>);
  const [skills, setSkills] = useState((person?.skills ?? []).join(', '));
  const save = useChange(() => {
    const body = { ...draft, skills: skills.split(',').map((s) => s.trim()).filter(Boolean) };
    return person
      ? call(`/response-team/${encodeURIComponent(person.id)}`, { method: 'PUT', body: { ...body, version: person.version } })
      : call('/response-team', { method: 'POST', body: { ...body, unit: user.unit } });
  }, onClose);
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={person ? t('edit') : t('addPerson')}>
      <Form error={save.error} fields={[...fields, 'skills']} submit={t('save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(undefined); }}>
        {fields.map((f) => (
          <TextInput
            key={f}
            label={t(f)}
            description={f === 'user' ? t('userHint') : undefined}
            value={draft[f]}
            error={fieldError(f)}
            {...(f === 'name' && { 'data-autofocus': true })}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setDraft((old) => ({ ...old, [f]: value }));
            }}
          />
        ))}
        <TextInput label={t('skills')} description={t('skillsHint')} value={skills} error={fieldError('skills')} onChange={(event) => { setSkills(event.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}
