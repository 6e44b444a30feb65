"""Redis, the worker and beat gone at once: what the customer does meanwhile is kept and goes on."""


def test_what_a_customer_agreed_to_meanwhile_is_carried_out_once(stack, customer):
    customer.starts()
    customer.chooses()
    stack.worker.kill()
    stack.beat.kill()
    stack.redis.stop()
    customer.agrees()
    customer.answers_at_the_software("Allow access")
    assert customer.at_codat["connection"]["status"] == "Linked"

    stack.make_whole()
    customer.page.reload()  # polls come ever more rarely
    customer.sees("Is this your business?")
    customer.says_yes()
    customer.sees("You are connected")
    stack.settle()
    company = customer.company
    assert (company["consents"], len(company["connections"])) == (1, 1)
    kinds = [each["kind"] for each in company["emails"]]
    assert sorted(kinds) == sorted(set(kinds))
