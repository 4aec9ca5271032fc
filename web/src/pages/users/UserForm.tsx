import { Select, TextInput, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changeUser, createUser, type UserValues, usersChanged } from '../../api/accountQueries';
import type { Account } from '../../api/types';
import { useSession } from '../../app/session';
import { Form, useFieldErrors } from '../../kit/Form';
import { offerUndo } from '../../kit/undo';
import { Dialog } from '../../ui/Dialog';
import type { OneTime } from './OneTimePassword';
import { RoleSummary } from './RoleSummary';
import { useStepUp } from './stepUp';
import { UnitPicker } from './UnitPicker';

export const personalRoles = [
  'administrator',
  'analyst',
  'coordinator',
  'leader',
  'security-officer',
  'unit-head',
  'appraiser',
  'auditor',
] as const satisfies readonly Account['role'][];

interface Props {
  /** The account to change; nothing for a new one. */
  user?: Account;
  onClose: () => void;
  onMade?: (id: string, secret: OneTime) => void;
}

const valuesOf = (user: Account): UserValues => ({ displayName: user.displayName, mail: user.mail, role: user.role, unit: user.unit });

/** A new account, or who somebody is and what he may do. */
export function UserForm({ user, onClose, onMade }: Props) {
  const { t } = useTranslation(['translation', 'accounts']);
  const client = useQueryClient();
  const me = useSession().user;
  const { guard, dialog } = useStepUp();
  const [may, mayPart] = useDisclosure();
  const [username, setUsername] = useState('');
  const [values, setValues] = useState<UserValues>(user ? valuesOf(user) : { displayName: '', mail: '', role: 'analyst', unit: '' });
  const set = (change: Partial<UserValues>) => {
    setValues((old) => ({ ...old, ...change }));
  };
  // Nobody changes the own role or unit, and the account for emergencies keeps both.
  const fixed = user !== undefined && (user.id === me.id || user.emergency);
  const save = useMutation({
    mutationFn: () =>
      guard(async () => {
        if (!user) {
          const made = await createUser({ ...values, username: username.trim() });
          onMade?.(made.id, { username: made.username, password: made.oneTimePassword });
          return;
        }
        const before = valuesOf(user);
        const names = Object.keys(before) as (keyof UserValues)[];
        const pick = (from: UserValues) => Object.fromEntries(names.filter((n) => before[n] !== values[n]).map((n) => [n, from[n]]));
        await changeUser(user.id, pick(values));
        offerUndo(t('accounts:user.saved', { name: values.displayName }), () => changeUser(user.id, pick(before)).finally(() => void usersChanged(client)));
      }),
    onSuccess: () => {
      void usersChanged(client);
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} size="lg" title={user ? t('accounts:user.editOf', { name: user.displayName }) : t('accounts:user.new')}>
      <Form
        error={save.error}
        fields={['username', 'displayName', 'mail', 'role', 'unit']}
        submit={user ? t('accounts:user.save') : t('accounts:user.create')}
        busy={save.isPending}
        disabled={values.unit === ''}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        {!user && (
          <TextInput
            label={t('accounts:user.username')}
            description={t('accounts:user.usernameRule')}
            name="username"
            required
            withAsterisk={false}
            data-autofocus
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            maxLength={64}
            error={fieldError('username')}
            value={username}
            onChange={(event) => {
              setUsername(event.currentTarget.value);
            }}
          />
        )}
        <TextInput
          label={t('accounts:user.name')}
          name="display-name"
          required
          withAsterisk={false}
          {...(user && { 'data-autofocus': true })}
          autoComplete="off"
          maxLength={100}
          error={fieldError('displayName')}
          value={values.displayName}
          onChange={(event) => {
            set({ displayName: event.currentTarget.value });
          }}
        />
        <TextInput
          label={t('accounts:user.mail')}
          description={t('accounts:user.mailText')}
          name="mail"
          inputMode="email"
          autoComplete="off"
          maxLength={254}
          error={fieldError('mail')}
          value={values.mail}
          onChange={(event) => {
            set({ mail: event.currentTarget.value });
          }}
        />
        <Select
          label={t('accounts:user.role')}
          data={personalRoles.map((value) => ({ value, label: t(`role.${value}`) }))}
          value={values.role}
          allowDeselect={false}
          disabled={fixed}
          error={fieldError('role')}
          onChange={(role) => {
            if (role !== null) set({ role });
          }}
        />
        <UnitPicker
          label={t('accounts:user.unit')}
          description={t('accounts:user.unitText')}
          value={values.unit || null}
          required
          error={fieldError('unit')}
          onChange={(unit) => {
            if (!fixed) set({ unit: unit ?? '' });
          }}
        />
        <div>
          <UnstyledButton onClick={mayPart.toggle} aria-expanded={may} style={{ display: 'inline-flex', alignItems: 'center', gap: 4, fontSize: 14 }}>
            {may ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
            {t('accounts:user.roleMay')}
          </UnstyledButton>
          {may && (
            <div style={{ marginTop: 6 }}>
              <RoleSummary role={values.role} unit={values.unit} />
            </div>
          )}
        </div>
      </Form>
      {dialog}
    </Dialog>
  );
}
