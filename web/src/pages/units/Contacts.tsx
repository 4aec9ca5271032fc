import { ActionIcon, Button, Text, TextInput } from '@mantine/core';
import { IconMail, IconPhone, IconPlus, IconTrash, IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { setContacts, type UnitDetail, type UnitPerson, unitsChanged } from '../../api/unitQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { EmptyState } from '../../ui/State';
import { toast } from '../../ui/toast';
import css from './units.module.css';

function PersonLines({ person }: { person: UnitPerson }) {
  return (
    <>
      <div>
        <strong>{person.name}</strong>
        {person.title && <span className="la-dim"> · {person.title}</span>}
      </div>
      <div>
        {person.phone && (
          <a href={`tel:${person.phone.replace(/[^0-9+]/g, '')}`} className="la-num">
            {person.phone}
          </a>
        )}
        {person.phone && person.mail && ' · '}
        {person.mail && <a href={`mailto:${person.mail}`}>{person.mail}</a>}
      </div>
    </>
  );
}

/** Whom to reach in a unit. */
export function Contacts({ detail, mayEdit }: { detail: UnitDetail; mayEdit: boolean }) {
  const { t } = useTranslation(['translation', 'units']);
  const [editing, setEditing] = useState(false);
  const { dutyPhone, dutyMail, head, focalPoints } = detail.contacts;
  if (editing) {
    return (
      <ContactsForm
        detail={detail}
        onClose={() => {
          setEditing(false);
        }}
      />
    );
  }
  const edit = mayEdit && (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconUserPlus size={15} />}
      onClick={() => {
        setEditing(true);
      }}
    >
      {t('units:editContacts')}
    </Button>
  );
  if (!dutyPhone && !dutyMail && !head.name && !head.phone && focalPoints.length === 0) {
    return (
      <EmptyState icon={<IconPhone size={32} />} title={t('units:noContacts')} text={t('units:noContactsText')}>
        <div style={{ textAlign: 'center' }}>{edit}</div>
      </EmptyState>
    );
  }
  return (
    <>
      <div className={css.actions}>{edit}</div>
      <dl className={css.facts}>
        <dt>
          <IconPhone size={14} aria-hidden="true" /> {t('units:dutyPhoneLong')}
        </dt>
        <dd>
          {dutyPhone ? (
            <a href={`tel:${dutyPhone.replace(/[^0-9+]/g, '')}`} className="la-num">
              <strong>{dutyPhone}</strong>
            </a>
          ) : (
            t('units:noDuty')
          )}
        </dd>
        <dt>
          <IconMail size={14} aria-hidden="true" /> {t('units:dutyMail')}
        </dt>
        <dd>{dutyMail ? <a href={`mailto:${dutyMail}`}>{dutyMail}</a> : '-'}</dd>
      </dl>
      {(head.name || head.phone) && (
        <>
          <h3 className={css.part}>{t('units:head')}</h3>
          <PersonLines person={head} />
        </>
      )}
      {focalPoints.length > 0 && (
        <>
          <h3 className={css.part}>{t('units:focalPoints')}</h3>
          <Text size="xs" className="la-dim">
            {t('units:focalOrder')}
          </Text>
          <ol className={css.list}>
            {focalPoints.map((person, i) => (
              <li key={i}>
                <PersonLines person={person} />
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

function PersonFields({ person, onChange, needName }: { person: UnitPerson; onChange: (person: UnitPerson) => void; needName?: boolean }) {
  const { t } = useTranslation('units');
  const fields = [
    ['name', t('personName')],
    ['title', t('personTitle')],
    ['phone', t('phone')],
    ['mail', t('mail')],
  ] as const;
  return (
    <div className={css.person}>
      {fields.map(([field, label]) => (
        <TextInput
          key={field}
          size="xs"
          label={label}
          required={needName === true && field === 'name'}
          withAsterisk={false}
          value={person[field] ?? ''}
          onChange={(event) => {
            onChange({ ...person, [field]: event.currentTarget.value });
          }}
        />
      ))}
    </div>
  );
}

function ContactsForm({ detail, onClose }: { detail: UnitDetail; onClose: () => void }) {
  const { t } = useTranslation(['translation', 'units']);
  const client = useQueryClient();
  const [contacts, setAll] = useState(detail.contacts);
  const [address, setAddress] = useState(detail.address);
  const set = (change: Partial<typeof contacts>) => {
    setAll((old) => ({ ...old, ...change }));
  };
  const save = useMutation({
    mutationFn: () => setContacts(detail.unit.id, { version: detail.unit.version, address, contacts }),
    onSuccess: async () => {
      await unitsChanged(client);
      toast({ message: t('units:saved') });
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  const focal = contacts.focalPoints;
  return (
    <Form
      error={save.error}
      fields={['dutyPhone', 'dutyMail', 'address']}
      submit={t('units:save')}
      busy={save.isPending}
      onCancel={onClose}
      onSubmit={() => {
        save.mutate();
      }}
    >
      <TextInput
        label={t('units:dutyPhoneLong')}
        autoFocus
        value={contacts.dutyPhone ?? ''}
        error={fieldError('dutyPhone')}
        onChange={(event) => {
          set({ dutyPhone: event.currentTarget.value });
        }}
      />
      <TextInput
        label={t('units:dutyMail')}
        value={contacts.dutyMail ?? ''}
        error={fieldError('dutyMail')}
        onChange={(event) => {
          set({ dutyMail: event.currentTarget.value });
        }}
      />
      <TextInput
        label={t('units:address')}
        value={address}
        error={fieldError('address')}
        onChange={(event) => {
          setAddress(event.currentTarget.value);
        }}
      />
      <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
        <legend className={css.part}>{t('units:head')}</legend>
        <PersonFields
          person={contacts.head}
          onChange={(head) => {
            set({ head });
          }}
        />
      </fieldset>
      {focal.map((person, i) => (
        <fieldset key={i} style={{ border: 0, padding: 0, margin: 0 }}>
          <legend className={css.part}>
            {t('units:focalPoint', { number: i + 1 })}{' '}
            <ActionIcon
              size={24}
              variant="subtle"
              aria-label={t('units:removeFocal', { number: i + 1 })}
              onClick={() => {
                set({ focalPoints: focal.filter((_, at) => at !== i) });
              }}
            >
              <IconTrash size={15} />
            </ActionIcon>
          </legend>
          <PersonFields
            person={person}
            needName
            onChange={(next) => {
              set({ focalPoints: focal.map((old, at) => (at === i ? next : old)) });
            }}
          />
        </fieldset>
      ))}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={15} />}
          disabled={focal.length >= 20}
          onClick={() => {
            set({ focalPoints: [...focal, { name: '' }] });
          }}
        >
          {t('units:addFocal')}
        </Button>
      </div>
    </Form>
  );
}
