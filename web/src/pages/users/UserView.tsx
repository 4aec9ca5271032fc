import { Button, Text, TextInput } from '@mantine/core';
import {
  IconBan,
  IconDeviceMobileOff,
  IconKey,
  IconLink,
  IconLockOpen,
  IconLogout,
  IconPencil,
  IconPlayerPlay,
  IconUnlink,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  disableUsers,
  endSessions,
  linkSSO,
  resetFactors,
  resetPassword,
  signInStateQuery,
  type SignInState,
  unlinkSSO,
  unlockUser,
  usersChanged,
} from '../../api/accountQueries';
import type { Account } from '../../api/types';
import { useMay, useSession } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { offerUndo } from '../../kit/undo';
import { hasFactor } from '../../lib/accounts';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/errors';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { FactorMarks, StateMarks } from './marks';
import { type OneTime, OneTimePassword } from './OneTimePassword';
import { RoleSummary } from './RoleSummary';
import { useStepUp } from './stepUp';
import { useUnitNames } from './UnitPicker';
import { UserForm } from './UserForm';
import css from './users.module.css';

type Asked = 'edit' | 'disable' | 'reset' | 'factors' | 'end' | 'link' | 'unlink';

/** One account: who it is, how the person signs in, and what an administrator does about it. */
export function UserView({ user }: { user: Account }) {
  const { t } = useTranslation(['translation', 'accounts']);
  const client = useQueryClient();
  const errorText = useErrorText();
  const me = useSession().user;
  const may = useMay();
  const names = useUnitNames();
  const { guard, dialog } = useStepUp();
  const state = useQuery(signInStateQuery(user.id));
  const [asked, setAsked] = useState<Asked>();
  const [secret, setSecret] = useState<OneTime>();
  const name = user.displayName;
  const close = () => {
    setAsked(undefined);
  };
  const done = async (message: string, act: () => Promise<unknown>) => {
    await guard(act);
    await usersChanged(client);
    toast({ message });
  };
  const setDisabled = async (disabled: boolean) => {
    await guard(() => disableUsers([user.id], disabled));
    void usersChanged(client);
    offerUndo(t(disabled ? 'accounts:user.disabledNow' : 'accounts:user.enabledNow', { count: 1 }), () =>
      disableUsers([user.id], !disabled).finally(() => void usersChanged(client)),
    );
  };
  const atOnce = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onError: (error) => {
      const words = errorText(error);
      toast({ color: 'red', title: words.title, message: words.remedy });
    },
  });
  const waits = state.data !== undefined && (state.data.failedAttempts > 0 || state.data.lockedUntil !== undefined);
  const linked = (state.data?.ssoLinks.length ?? 0) > 0;
  return (
    <>
      <div className={css.tools}>
        <Button size="xs" leftSection={<IconPencil size={15} />} onClick={() => { setAsked('edit'); }}>
          {t('accounts:user.edit')}
        </Button>
        {waits && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconLockOpen size={15} />}
            loading={atOnce.isPending}
            onClick={() => {
              atOnce.mutate(() => done(t('accounts:user.unlocked', { name }), () => unlockUser(user.id)));
            }}
          >
            {t('accounts:user.unlock')}
          </Button>
        )}
        {!user.emergency && (
          <Button size="xs" variant="default" leftSection={<IconKey size={15} />} onClick={() => { setAsked('reset'); }}>
            {t('accounts:user.reset')}
          </Button>
        )}
        {hasFactor(user) && (
          <Button size="xs" variant="default" leftSection={<IconDeviceMobileOff size={15} />} onClick={() => { setAsked('factors'); }}>
            {t('accounts:user.resetFactors')}
          </Button>
        )}
        {user.sessions > 0 && (
          <Button size="xs" variant="default" leftSection={<IconLogout size={15} />} onClick={() => { setAsked('end'); }}>
            {t('accounts:user.end')}
          </Button>
        )}
        {user.id !== me.id &&
          (user.disabled ? (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlayerPlay size={15} />}
              loading={atOnce.isPending}
              onClick={() => {
                atOnce.mutate(() => setDisabled(false));
              }}
            >
              {t('accounts:user.enable')}
            </Button>
          ) : (
            <Button size="xs" variant="default" c="var(--la-critical)" leftSection={<IconBan size={15} />} onClick={() => { setAsked('disable'); }}>
              {t('accounts:user.disable')}
            </Button>
          ))}
        {may('audit.read') && (
          <LinkButton to="/admin/audit" search={{ object: `user:${user.id}` }} size="xs" variant="subtle">
            {t('accounts:user.audit')}
          </LinkButton>
        )}
      </div>
      <StateMarks user={user} />
      {user.emergency && (
        <Text size="sm" mt={6}>
          {t('accounts:user.emergencyText')}
        </Text>
      )}
      <dl className={css.facts} style={{ marginTop: 10 }}>
        <dt>{t('accounts:user.username')}</dt>
        <dd className="la-mono">{user.username}</dd>
        <dt>{t('accounts:user.mail')}</dt>
        <dd>{user.mail || <span className="la-dim">–</span>}</dd>
        <dt>{t('accounts:user.role')}</dt>
        <dd>{t(`role.${user.role}`)}</dd>
        <dt>{t('accounts:user.unit')}</dt>
        <dd>{names.path(user.unit)}</dd>
        <dt>{t('accounts:user.created')}</dt>
        <dd>
          <Time at={user.createdAt} />
        </dd>
        <dt>{t('accounts:user.lastSignIn')}</dt>
        <dd>
          {user.lastSignInAt ? <Time at={user.lastSignInAt} /> : t('accounts:user.never')}
          {state.data?.lastSignInAddress && (
            <span className={css.sub}>{t('accounts:user.from', { address: state.data.lastSignInAddress })}</span>
          )}
        </dd>
        <dt>{t('accounts:user.factors')}</dt>
        <dd>
          <FactorMarks user={user} />
        </dd>
      </dl>
      {state.isPending && <Rows count={4} />}
      {state.error && !state.data && <ErrorState error={state.error} retry={() => void state.refetch()} />}
      {state.data && <SignIn state={state.data} emergency={user.emergency} />}
      {state.data && !user.emergency && (
        <>
          <h3 className={css.part}>{t('accounts:user.sso')}</h3>
          <Links state={state.data} />
          <div className={css.tools} style={{ marginTop: 6 }}>
            <Button size="xs" variant="default" leftSection={<IconLink size={15} />} onClick={() => { setAsked('link'); }}>
              {t('accounts:user.link')}
            </Button>
            {linked && (
              <Button size="xs" variant="default" leftSection={<IconUnlink size={15} />} onClick={() => { setAsked('unlink'); }}>
                {t('accounts:user.unlink')}
              </Button>
            )}
          </div>
        </>
      )}
      <h3 className={css.part}>{t('accounts:user.roleMay')}</h3>
      <RoleSummary role={user.role} unit={user.unit} />

      {asked === 'edit' && <UserForm user={user} onClose={close} />}
      {asked === 'link' && <LinkDialog user={user} onClose={close} />}
      {asked === 'disable' && (
        <ConfirmDialog
          title={t('accounts:user.disableTitle')}
          text={t('accounts:user.disableText', { names: name })}
          confirm={t('accounts:user.disable')}
          danger
          onConfirm={() => setDisabled(true)}
          onClose={close}
        />
      )}
      {asked === 'reset' && (
        <ConfirmDialog
          title={t('accounts:user.resetTitle')}
          text={t('accounts:user.resetText', { name })}
          confirm={t('accounts:user.resetDo')}
          onConfirm={async () => {
            const { oneTimePassword } = await guard(() => resetPassword(user.id));
            void usersChanged(client);
            setSecret({ username: user.username, password: oneTimePassword });
          }}
          onClose={close}
        />
      )}
      {asked === 'factors' && (
        <ConfirmDialog
          title={t('accounts:user.resetFactorsTitle')}
          text={t('accounts:user.resetFactorsText', { name })}
          confirm={t('accounts:user.resetFactors')}
          danger
          onConfirm={() => done(t('accounts:user.factorsReset', { name }), () => resetFactors(user.id))}
          onClose={close}
        />
      )}
      {asked === 'end' && (
        <ConfirmDialog
          title={t('accounts:user.endTitle')}
          text={t('accounts:user.endText', { names: name })}
          confirm={t('accounts:user.end')}
          onConfirm={() => done(t('accounts:user.ended', { name }), () => endSessions(user.id))}
          onClose={close}
        />
      )}
      {asked === 'unlink' && (
        <ConfirmDialog
          title={t('accounts:user.unlink')}
          text={t('accounts:user.unlinkText', { name })}
          confirm={t('accounts:user.unlink')}
          danger
          onConfirm={() => done(t('accounts:user.unlinked', { name }), () => unlinkSSO(user.id))}
          onClose={close}
        />
      )}
      {secret && (
        <OneTimePassword
          secret={secret}
          onClose={() => {
            setSecret(undefined);
          }}
        />
      )}
      {dialog}
    </>
  );
}

function SignIn({ state, emergency }: { state: SignInState; emergency: boolean }) {
  const { t } = useTranslation(['accounts', 'identity']);
  return (
    <>
      {!emergency && (
        <>
          <h3 className={css.part}>{t('accounts:user.signIn')}</h3>
          <dl className={css.facts}>
            <dt>{t('accounts:user.appSet')}</dt>
            <dd>{t(state.totp ? 'accounts:user.set' : 'accounts:user.notSet')}</dd>
            <dt>{t('accounts:policy.passkeys')}</dt>
            <dd>{state.passkeys > 0 ? t('accounts:user.passkeys', { count: state.passkeys }) : t('accounts:user.notSet')}</dd>
            <dt>{t('accounts:user.recovery')}</dt>
            <dd>{state.recoveryCodesLeft}</dd>
            <dt>{t('accounts:user.needed')}</dt>
            <dd>
              {t(state.needsFactor ? 'accounts:user.yes' : 'accounts:user.no')}
              {state.failedAttempts > 0 && <span className={css.sub}>{t('accounts:user.failed', { count: state.failedAttempts })}</span>}
            </dd>
          </dl>
        </>
      )}
      <h3 className={css.part}>{t('accounts:user.openSessions')}</h3>
      {state.sessions.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('accounts:user.noSessions')}
        </Text>
      )}
      <ul className={css.list}>
        {state.sessions.map((one) => (
          <li key={one.id}>
            {one.agent || t('accounts:user.unknownAgent')}
            {one.current && ` (${t('accounts:user.thisSession')})`}
            <span className={css.sub}>
              {t(`identity:sessions.method.${one.method}`)} · <span className="la-mono">{one.address}</span> · {t('accounts:user.sessionBegan')}{' '}
              <Time at={one.createdAt} /> · {t('accounts:user.sessionUsed')} <Time at={one.lastUsedAt} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Links({ state }: { state: SignInState }) {
  const { t } = useTranslation('accounts');
  if (state.ssoLinks.length === 0) {
    return (
      <Text size="sm" className="la-dim">
        {t('user.ssoNone')}
      </Text>
    );
  }
  return (
    <ul className={css.list}>
      {state.ssoLinks.map((link) => (
        <li key={link.issuer + link.subject}>
          <span className="la-mono">{link.subject}</span>
          <span className={css.sub}>
            {link.issuer} · {t('user.ssoSince')} <Time at={link.createdAt} />
            {link.mapped && ` · ${t('user.ssoMapped')}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function LinkDialog({ user, onClose }: { user: Account; onClose: () => void }) {
  const { t } = useTranslation('accounts');
  const client = useQueryClient();
  const { guard, dialog } = useStepUp();
  const [subject, setSubject] = useState('');
  const link = useMutation({
    mutationFn: () => guard(() => linkSSO(user.id, subject.trim())),
    onSuccess: () => {
      void usersChanged(client);
      toast({ message: t('user.linked', { name: user.displayName }) });
      onClose();
    },
  });
  const fieldError = useFieldErrors(link.error);
  return (
    <Dialog opened onClose={onClose} title={t('user.linkTitle', { name: user.displayName })}>
      <Form
        error={link.error}
        fields={['subject']}
        submit={t('user.link')}
        busy={link.isPending}
        disabled={subject.trim() === ''}
        onCancel={onClose}
        onSubmit={() => {
          link.mutate();
        }}
      >
        <Text size="sm">{t('user.linkText')}</Text>
        <TextInput
          label={t('user.subject')}
          name="subject"
          required
          withAsterisk={false}
          data-autofocus
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={255}
          error={fieldError('subject')}
          value={subject}
          onChange={(event) => {
            setSubject(event.currentTarget.value);
          }}
        />
      </Form>
      {dialog}
    </Dialog>
  );
}
