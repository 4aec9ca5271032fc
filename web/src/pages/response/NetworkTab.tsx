import { Button, Select, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { call } from '../../api/client';
import { type Force, forcesQuery, type NetworkContact, networkQuery } from '../../api/responseQueries';
import { useMay, useSession } from '../../app/session';
import { Form, useFieldErrors } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { useChange } from './parts';
import css from './response.module.css';


/** Whom to reach outside the team: the four forces, the network, owners and operators. */
export function NetworkTab() {
  const { t, i18n } = useTranslation('response');
  const may = useMay();
  const { user } = useSession();
  const forces = useQuery(forcesQuery);
  const network = useQuery(networkQuery);
  const [force, setForce] = useState<Force>();
  const [contact, setContact] = useState<NetworkContact | 'new'>();
  const remove = useChange((c: NetworkContact) => call(`/network/${encodeURIComponent(c.id)}`, { method: 'DELETE', query: { version: c.version } }));
  if (forces.isPending || network.isPending) return <Rows count={4} />;
  if (!forces.data || !network.data) return <ErrorState error={forces.error ?? network.error} />;
  const manage = may('coordination.manage');
  return (
    <>
      <h2 className={css.part}>{t('forces')}</h2>
      <ul className={css.grid}>
        {forces.data.items.map((f) => (
          <li key={f.id} className={`la-card ${css.card ?? ''}`}>
            <Text fw={600}>{i18n.language === 'vi' ? f.vi : f.name}</Text>
            <Text size="sm" className="la-dim">
              {i18n.language === 'vi' ? f.roleVi : f.role}
            </Text>
            <Text size="sm">{[f.at.person, f.at.phone, f.at.mail, f.at.address].filter(Boolean).join(' · ') || t('noContact')}</Text>
            {manage && user.unit === centreUnit && (
              <Button size="compact-xs" variant="default" mt="xs" onClick={() => { setForce(f); }}>
                {t('edit')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div className={css.head}>
        <h2 className={css.part}>{t('network')}</h2>
        {manage && (
          <Button size="xs" my="sm" onClick={() => { setContact('new'); }}>
            {t('addContact')}
          </Button>
        )}
      </div>
      {remove.error && <ErrorState error={remove.error} />}
      {network.data.items.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('noNetworkText')}
        </Text>
      )}
      <ul className={css.grid}>
        {network.data.items.map((c) => (
          <li key={c.id} className={`la-card ${css.card ?? ''}`}>
            <Text fw={600}>{c.name}</Text>
            <Text size="sm" className="la-dim">
              {[t(`kinds.${c.kind as 'member'}`), c.system, c.unitName].filter(Boolean).join(' · ')}
            </Text>
            <Text size="sm">{[c.person, c.phone, c.mail, c.address].filter(Boolean).join(' · ') || t('noContact')}</Text>
            {c.mayManage && (
              <Button.Group mt="xs">
                <Button size="compact-xs" variant="default" onClick={() => { setContact(c); }}>
                  {t('edit')}
                </Button>
                <Button size="compact-xs" variant="default" onClick={() => { remove.mutate(c); }}>
                  {t('remove')}
                </Button>
              </Button.Group>
            )}
          </li>
        ))}
      </ul>
      {force && <ContactDialog force={force} onClose={() => { setForce(undefined); }} />}
      {contact && <ContactDialog {...(contact !== 'new' && { contact })} onClose={() => { setContact(undefined); }} />}
    </>
  );
}

const kinds = ['member', 'owner', 'operator'] as const;
const shared = ['person', 'phone', 'mail', 'address', 'note'] as const;
type Field = (typeof shared)[number] | 'name' | 'system';

function ContactDialog({ force, contact, onClose }: { force?: Force; contact?: NetworkContact; onClose: () => void }) {
  const { t } = useTranslation('response');
  const { user } = useSession();
  const from = force?.at ?? contact;
  const [kind, setKind] = useState<string>(contact?.kind ?? 'member');
  const [draft, setDraft] = useState<Record<Field, string>>(() => ({
    name: contact?.name ?? '', system: contact?.system ?? '', person: from?.person ?? '', phone: from?.phone ?? '', mail: from?.mail ?? '', address: from?.address ?? '', note: from?.note ?? '',
  }));
  const labels = { name: t('contactName'), system: t('system'), person: t('contactPerson'), phone: t('phone'), mail: t('mail'), address: t('address'), note: t('note') };
  const shown: Field[] = [...(force ? [] : (['name'] as const)), ...(!force && kind !== 'member' ? (['system'] as const) : []), ...shared];
  const save = useChange(() => {
    if (force) {
      const { person, phone, mail, address, note } = draft;
      return call(`/forces/${encodeURIComponent(force.id)}`, { method: 'PUT', body: { person, phone, mail, address, note, version: force.at.version } });
    }
    return contact
      ? call(`/network/${encodeURIComponent(contact.id)}`, { method: 'PUT', body: { ...draft, kind, version: contact.version } })
      : call('/network', { method: 'POST', body: { ...draft, kind, unit: user.unit } });
  }, onClose);
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={force ? t('edit') : t('addContact')}>
      <Form error={save.error} fields={shown} submit={t('save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(undefined); }}>
        {!force && <Select label={t('contactKind')} allowDeselect={false} data={kinds.map((value) => ({ value, label: t(`kinds.${value}`) }))} value={kind} onChange={(value) => { setKind(value ?? 'member'); }} />}
        {shown.map((f) => (
          <TextInput
            key={f}
            label={labels[f]}
            value={draft[f]}
            error={fieldError(f)}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setDraft((old) => ({ ...old, [f]: value }));
            }}
          />
        ))}
      </Form>
    </Dialog>
  );
}
